using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Storage.Outbox;

namespace Builder.Cli.Notify;

/// <summary><c>builder notify retry TARGET</c>.</summary>
internal static class NotifyRetryCommand
{
    public static Command Create(NotifyOptions options)
    {
        var target = NotifyOptions.Target();
        var number = new Option<long?>("--event")
        {
            Description = "Only this one of those that were not delivered; builder notify list shows the numbers. Default: all.",
            HelpName = "NUMBER",
        };
        number.Between(1, long.MaxValue);
        var command = new Command(
            "retry",
            """
            Send what could not be delivered again, and what waits now. A running builder web does it within seconds.

            Example:
              builder notify retry operators
            """
        )
        {
            target,
            number,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = options.Find(parsed, parsed.GetRequiredValue(target)).Name;
                await using var database = await options.OpenAsync(parsed, cancellationToken);
                var only = parsed.GetValue(number);
                var count = await DeadLetters.RetryAsync(database, name, only, cancellationToken);
                if (only is not null && count == 0)
                    throw new CommandException($"event {only} is not among those that {name} did not get: builder notify list shows them");
                if (!await OutboxTargets.HurryAsync(database, name, cancellationToken))
                    throw new CommandException($"nothing was ever due for {name}: is builder web running with this configuration?");
                await Console.Out.WriteLineAsync(count == 1 ? "1 event is sent again" : $"{count} events are sent again");
                return ExitCode.Success;
            }
        );
        return command;
    }
}
