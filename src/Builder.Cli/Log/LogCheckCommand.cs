using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Proof.Log;

namespace Builder.Cli.Log;

/// <summary><c>builder log check --site URL</c>: for cron.</summary>
internal static class LogCheckCommand
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var site = new Option<Uri>("--site")
        {
            Description = "The site, such as https://builds.example.org.",
            Required = true,
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var key = LogOption.Key("The log's key. Default: the one kept, or at first contact the one that the site names.");
        var state = new Option<string?>("--state")
        {
            Description = "Where to keep key and checkpoint. Default: ~/.local/state/builder/logs/SITE; nothing for sites on this machine.",
            HelpName = "DIR",
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print nothing where all is right." };
        var command = new Command(
            "check",
            """
            Check that a site's log only grew since the last check, and that every new entry is a statement that the site shows.

            Keeps the log's key and its last checkpoint. Run it daily from cron: two people who check the same site and compare
            their checkpoints notice when the site shows them different logs.

            Example:
              builder log check --site https://builds.example.org --quiet

            Exit code: 0 all right, 1 the log or an entry is not as it must be, 2 the site could not be checked.
            """
        )
        {
            site,
            key,
            state,
            quiet,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    parsed.GetRequiredValue(site),
                    parsed.GetValue(key),
                    parsed.GetValue(state),
                    parsed.GetValue(quiet),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(Uri site, NoteKey? key, string? state, bool isQuiet, CancellationToken cancellationToken)
    {
        // Another program may have this machine's port tomorrow.
        var followed =
            state is not null ? new FollowedLog(state)
            : site.IsLoopback ? null
            : FollowedLog.Of(site);
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
        };
        using var http = new HttpClient(handler) { Timeout = MaxWait };
        try
        {
            var check = new LogCheck(site, http, followed);
            var report = await check.RunAsync(key, cancellationToken);
            foreach (var finding in report.Findings)
                await Console.Error.WriteLineAsync($"builder: {finding}");
            if (report.Findings.Count > 0)
                return ExitCode.Failed;
            if (!isQuiet)
                await Console.Out.WriteLineAsync(report.Summary);
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is InvalidLogDataException or LogForkException)
        {
            throw new CommandException(exception.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot check {site}: {exception.Message}", ExitCode.Trouble);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"cannot check {site}: no answer within {MaxWait.TotalSeconds:0} s", ExitCode.Trouble);
        }
    }
}
