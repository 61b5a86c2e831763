using System.CommandLine;

namespace Builder.Cli.Log;

/// <summary><c>builder log</c>: watch the transparency log of a site, or check a copy of one.</summary>
internal static class LogCommand
{
    public static Command Create() =>
        new(
            "log",
            """
            Watch a site's transparency log.

            Every statement that a site signs stands in its log, which can only grow. Whoever keeps its checkpoints
            notices when the site removes or changes an entry, or shows two people two logs.

            Examples:
              builder log check --site https://builds.example.org
              builder log verify /srv/mirror/tlog
            """
        )
        {
            LogCheckCommand.Create(),
            LogVerifyCommand.Create(),
        };
}
