using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Repo;
using Builder.Protocol.Values;
using Builder.Publishing.Queue;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Hooks;

/// <summary><c>builder hooks rerun NUMBER | --build UUID | --failed</c>.</summary>
internal static class HooksRerunCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var number = new Argument<long?>("number")
        {
            Description = "Of the run, from builder hooks list.",
            Arity = ArgumentArity.ZeroOrOne,
        }.Between(1, long.MaxValue);
        var build = new Option<string?>("--build")
        {
            Description = "All that was due for this build, its publication too.",
            HelpName = "UUID",
        };
        build.Validators.Add(result =>
        {
            if (!BuildUuid.TryParse(result.GetValueOrDefault<string>(), out _))
                result.AddError("--build takes a uuid such as b92c500e-03fc-44d9-95de-50e5e6f91479.");
        });
        var failed = new Option<bool>("--failed") { Description = "All hooks that failed." };
        var here = new Option<bool>("--now") { Description = "Run them here and wait, instead of leaving them to builder web." };
        var command = new Command("rerun", "Make hooks due again. A running builder web takes them up within seconds.")
        {
            number,
            build,
            failed,
            here,
        };
        command.Validators.Add(result =>
        {
            var given =
                (result.GetValue(number) is not null ? 1 : 0)
                + (result.GetValue(build) is not null ? 1 : 0)
                + (result.GetValue(failed) ? 1 : 0);
            if (given != 1)
                result.AddError("Give the number of a run, --build UUID or --failed.");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var tasks = await options.OpenTasksAsync(parsed, cancellationToken);
                var filter = new TaskFilter(
                    Id: parsed.GetValue(number),
                    Build: parsed.GetValue(build) is { } uuid ? BuildUuid.Parse(uuid) : null,
                    Hooks: parsed.GetValue(failed) ? true : null,
                    State: parsed.GetValue(failed) ? TaskState.Failed : null
                );
                var count = await tasks.RerunAsync(filter, TimeProvider.System.GetUtcNow(), cancellationToken);
                if (count == 0)
                    throw new CommandException(
                        "Nothing of that kind is recorded that is not running: builder hooks list --all shows what is."
                    );
                await Console.Out.WriteLineAsync($"{count} due again");
                if (parsed.GetValue(here))
                {
                    await options.WithQueueAsync(
                        parsed,
                        async queue =>
                        {
                            await queue.DrainAsync(cancellationToken);
                            return true;
                        },
                        cancellationToken
                    );
                }
                return ExitCode.Success;
            }
        );
        return command;
    }
}
