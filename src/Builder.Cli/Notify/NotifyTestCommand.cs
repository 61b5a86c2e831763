using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Publishing.Channels;
using Builder.Storage.Outbox;

namespace Builder.Cli.Notify;

/// <summary><c>builder notify test TARGET</c>.</summary>
internal static class NotifyTestCommand
{
    public static Command Create(NotifyOptions options)
    {
        var target = NotifyOptions.Target();
        var publicUrl = new Option<Uri?>("--public-url")
        {
            Description = "How visitors reach the site, for the link in the message.",
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var command = new Command(
            "test",
            """
            Send a test message to a target now, from here. Exit status 1 where it was not taken.

            Example:
              builder notify test operators
            """
        )
        {
            target,
            publicUrl,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var found = options.Find(parsed, parsed.GetRequiredValue(target));
                if (ChannelFactory.IsCommitStatus(found.Kind))
                    throw new CommandException(
                        $"{found.Name} sets the status of commits, and a test has no commit: run a job that leaves source-revision"
                    );
                var now = TimeProvider.System.GetUtcNow();
                var site = new SitePlace("builder", parsed.GetValue(publicUrl));
                using var channel = new ChannelFactory(
                    (_, _) => throw new InvalidOperationException("a test has no build"),
                    site,
                    TimeProvider.System
                ).Create(found);
                var test = new OutboxEvent(
                    0,
                    $"{EventKind.Test}/{Guid.NewGuid():N}",
                    EventKind.Test,
                    null,
                    null,
                    null,
                    """{"version":1,"text":"This is a test: notifications of this target work."}""",
                    now
                );
                return await channel.SendAsync([test], cancellationToken) switch
                {
                    Delivery.Delivered => await DoneAsync(found.Name),
                    Delivery.Refused(var problem) => throw new CommandException(
                        $"{found.Name} refused the message: {Printable.Of(problem)}"
                    ),
                    Delivery.Retry(var problem, _) => throw new CommandException(
                        $"{found.Name} did not take the message: {Printable.Of(problem)}"
                    ),
                    var other => throw new InvalidOperationException($"unknown delivery {other}"),
                };
            }
        );
        return command;
    }

    private static async Task<int> DoneAsync(string name)
    {
        await Console.Out.WriteLineAsync($"{name} took the message");
        return ExitCode.Success;
    }
}
