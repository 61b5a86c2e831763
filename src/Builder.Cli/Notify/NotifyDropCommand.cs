using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Storage.Outbox;

namespace Builder.Cli.Notify;

/// <summary><c>builder notify drop TARGET --event NUMBER | --dead | --waiting</c>.</summary>
internal static class NotifyDropCommand
{
    public static Command Create(NotifyOptions options)
    {
        var target = NotifyOptions.Target();
        var number = new Option<long?>("--event")
        {
            Description = "This one of those that were not delivered; builder notify list shows the numbers.",
            HelpName = "NUMBER",
        };
        number.Between(1, long.MaxValue);
        var dead = new Option<bool>("--dead") { Description = "All that were not delivered." };
        var waiting = new Option<bool>("--waiting") { Description = "All that wait now." };
        var command = new Command(
            "drop",
            """
            Forget notifications without sending them.

            Example:
              builder notify drop operators --dead
            """
        )
        {
            target,
            number,
            dead,
            waiting,
        };
        command.Validators.Add(result =>
        {
            var given =
                (result.GetValue(number) is not null ? 1 : 0) + (result.GetValue(dead) ? 1 : 0) + (result.GetValue(waiting) ? 1 : 0);
            if (given != 1)
                result.AddError("Give one of --event NUMBER, --dead and --waiting.");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                // A target that is in the file no more can be dropped too.
                var name = parsed.GetRequiredValue(target);
                await using var database = await options.OpenAsync(parsed, cancellationToken);
                if (parsed.GetValue(waiting))
                {
                    long last;
                    await using (var session = await database.OpenReadAsync(cancellationToken))
                        last = await OutboxEvents.LastIdAsync(session, cancellationToken);
                    if (!await OutboxTargets.SkipAsync(database, name, last, cancellationToken))
                        throw new CommandException($"nothing waits for \"{name}\"");
                    await Console.Out.WriteLineAsync($"{name} goes on with what happens from now on");
                    return ExitCode.Success;
                }
                var count = await DeadLetters.DropAsync(database, name, parsed.GetValue(number), cancellationToken);
                if (count == 0)
                    throw new CommandException(
                        $"nothing of that kind was not delivered to \"{name}\": builder notify list shows what was not"
                    );
                await Console.Out.WriteLineAsync(count == 1 ? "1 event is forgotten" : $"{count} events are forgotten");
                return ExitCode.Success;
            }
        );
        return command;
    }
}
