using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Text;

namespace Builder.Cli.Notify;

/// <summary><c>builder notify check</c>.</summary>
internal static class NotifyCheckCommand
{
    public static Command Create(NotifyOptions options)
    {
        var command = new Command(
            "check",
            """
            Read notify.yaml and name every fault with its line. Exit status 1 where there is one.

            Example:
              builder notify check --configdir /etc/builder-web
            """
        );
        command.SetAction(
            async (parsed, _) =>
            {
                var targets = options.Read(parsed);
                if (targets.Count == 0)
                    throw new CommandException($"{options.Path(parsed)} names no targets: docs/watch.md shows how");
                foreach (var target in targets)
                {
                    await Console.Out.WriteLineAsync(
                        $"{target.Name}\t{target.Kind.ToString().ToLowerInvariant()}\t{Printable.Of(string.Join(' ', target.Filter.Events))}"
                    );
                }
                return ExitCode.Success;
            }
        );
        return command;
    }
}
