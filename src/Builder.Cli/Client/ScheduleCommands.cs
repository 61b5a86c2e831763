using System.CommandLine;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Wire = Builder.Protocol.Messages.Command;

namespace Builder.Cli.Client;

/// <summary>The commands that change schedule and queues: each is one message and one answer.</summary>
internal static class ScheduleCommands
{
    /// <param name="asOriginal">Print what the original client prints.</param>
    public static System.CommandLine.Command[] Create(bool asOriginal) =>
        [
            Schedule(),
            OrbBuild(),
            Unschedule(),
            Reschedule(),
            Execute(),
            OfPlatform(
                "drop-platform",
                "Drop a platform: its jobs are put away until it is undropped.",
                platform => new Wire.DropPlatform(platform),
                asOriginal ? Dropped : null
            ),
            OfPlatform("undrop-platform", "Take a dropped platform back, with its jobs.", platform => new Wire.UndropPlatform(platform)),
        ];

    private static System.CommandLine.Command Schedule()
    {
        var name = ClientOptions.JobName();
        var platform = ClientOptions.Platform();
        var file = new Argument<string>("FILE") { Description = "The script; - for standard input." };
        var period = ClientOptions.Period("hourly, daily, weekly or never; daily if not given.");
        var command = new System.CommandLine.Command("schedule", "Schedule a script job, and queue it at once.")
        {
            name,
            platform,
            file,
            period,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var script = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
                var job = new ScriptJob(parsed.GetValue(name), parsed.GetValue(platform), script);
                return await SendAsync(parsed, new Wire.Schedule(parsed.GetValue(period) ?? Period.Daily, job), cancellationToken);
            }
        );
        return command;
    }

    private static System.CommandLine.Command OrbBuild()
    {
        var name = ClientOptions.JobName();
        var package = new Argument<string>("OPAM_PACKAGE")
        {
            Description = "The opam package to build on every platform that has a template.",
        };
        var period = ClientOptions.Period("hourly, daily, weekly or never; daily if not given.");
        var command = new System.CommandLine.Command("orb-build", "Schedule the build of an opam package, and queue it at once.")
        {
            name,
            package,
            period,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var job = new OrbBuildJob(parsed.GetValue(name), ByteString.FromUtf8(parsed.GetRequiredValue(package)));
                return await SendAsync(parsed, new Wire.ScheduleOrbBuild(parsed.GetValue(period) ?? Period.Daily, job), cancellationToken);
            }
        );
        return command;
    }

    private static System.CommandLine.Command Unschedule()
    {
        var name = ClientOptions.JobName();
        var command = new System.CommandLine.Command("unschedule", "Remove a job from the schedule and every queue.") { name };
        command.SetAction((parsed, cancellationToken) => SendAsync(parsed, new Wire.Unschedule(parsed.GetValue(name)), cancellationToken));
        return command;
    }

    private static System.CommandLine.Command Reschedule()
    {
        var name = ClientOptions.JobName();
        var next = new Argument<Timestamp>("NEXT")
        {
            Description = "When the job is due next: 2026-11-23T04:00:00Z; other offsets are converted.",
            CustomParser = result =>
            {
                if (Rfc3339.TryParse(result.Tokens[0].Value, out var time))
                    return time;
                result.AddError($"\"{result.Tokens[0].Value}\" is not a time such as 2026-11-23T04:00:00Z or 2026-11-23T05:00:00+01:00");
                return default;
            },
        };
        var period = ClientOptions.Period("The new period; kept if not given.");
        var command = new System.CommandLine.Command("reschedule", "Set when a job is due next, and queue it at once.")
        {
            name,
            next,
            period,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                SendAsync(
                    parsed,
                    new Wire.Reschedule(parsed.GetValue(name), parsed.GetValue(next), parsed.GetValue(period)),
                    cancellationToken
                )
        );
        return command;
    }

    private static System.CommandLine.Command Execute()
    {
        var name = ClientOptions.JobName();
        var platform = ClientOptions.PlatformOption("Only on this platform; otherwise on all that the job is for.");
        var command = new System.CommandLine.Command("execute", "Put a job to the front of its queues.") { name, platform };
        command.SetAction(
            (parsed, cancellationToken) =>
                SendAsync(parsed, new Wire.Execute(parsed.GetValue(name), parsed.GetValue(platform)), cancellationToken)
        );
        return command;
    }

    private static System.CommandLine.Command OfPlatform(
        string verb,
        string description,
        Func<ByteString, Wire> message,
        Func<ByteString, string>? done = null
    )
    {
        var platform = ClientOptions.Platform();
        var command = new System.CommandLine.Command(verb, description) { platform };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var code = await SendAsync(parsed, message(parsed.GetValue(platform)), cancellationToken);
                if (done is not null)
                    await Console.Out.WriteLineAsync(done(parsed.GetValue(platform)));
                return code;
            }
        );
        return command;
    }

    /// <summary>As the original client says it; that running workers would bring the platform back does not hold here.</summary>
    private static string Dropped(ByteString platform) =>
        $"Platform {Printable.Of(platform)} dropped. Remember to disable workers for that platform.";

    private static async Task<int> SendAsync(ParseResult parsed, Wire message, CancellationToken cancellationToken)
    {
        using var server = await ServerConnection.OpenAsync(ClientOptions.LinkOf(parsed), isExtended: false, cancellationToken);
        await server.AskAsync(message, Surprise, cancellationToken);
        return ExitCode.Success;
    }

    private static Task Surprise(Wire answer) =>
        throw new CommandException($"the server answered {answer.GetType().Name}, which was not asked for");

    private static async Task<ByteString> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var input = path == "-" ? Console.OpenStandardInput() : Open(path);
        using var bytes = new MemoryStream();
        await input.CopyToAsync(bytes, cancellationToken);
        return new ByteString(bytes.ToArray());
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"FILE: cannot read the script \"{Printable.Of(path)}\": {(Directory.Exists(path) ? "it is a directory" : File.Exists(path) ? "permission denied" : "no such file")}"
            );
        }
    }
}
