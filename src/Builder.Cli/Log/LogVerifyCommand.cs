using System.CommandLine;
using System.Globalization;
using Builder.Cli.Errors;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;

namespace Builder.Cli.Log;

/// <summary><c>builder log verify DIR</c>: a whole copy of a log.</summary>
internal static class LogVerifyCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The directory with checkpoint and tile/." };
        var key = LogOption.Key(
            "The log's key, as its site shows it at /tlog/vkey. Default: the file vkey in DIR, which proves nothing about who wrote it."
        );
        var command = new Command(
            "verify",
            """
            Check a copy of a log: every entry, every tile and the checkpoint.

            Example:
              builder log verify /var/lib/builder-web/_tlog

            Exit code: 0 all fits together, 1 it does not, 2 it could not be checked.
            """
        )
        {
            directory,
            key,
        };
        command.SetAction(
            (parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(directory), parsed.GetValue(key), cancellationToken)
        );
        return command;
    }

    private static async Task<int> RunAsync(string directory, NoteKey? key, CancellationToken cancellationToken)
    {
        var files = new LogFiles(directory);
        try
        {
            var bytes =
                files.ReadCheckpoint()
                ?? throw new CommandException($"{directory} has no file \"checkpoint\": not a log", ExitCode.Trouble);
            var log =
                key ?? files.ReadKey() ?? throw new CommandException($"{directory} has no file \"vkey\": give --key", ExitCode.Trouble);
            var signed = SignedCheckpoint.Open(bytes, log);
            await new LogFollower(files).CheckAllAsync(signed.Checkpoint, cancellationToken);
            await Console.Out.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"{signed.Checkpoint.Origin}: {signed.Size} entries, all right")
            );
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is InvalidLogDataException or LogForkException)
        {
            throw new CommandException($"{directory}: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read {directory}: {exception.Message}", ExitCode.Trouble);
        }
    }
}
