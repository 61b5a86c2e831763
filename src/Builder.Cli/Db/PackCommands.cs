using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Repacking;

namespace Builder.Cli.Db;

/// <summary><c>builder db pack</c> and <c>builder db unpack</c>: artifacts as patches of earlier ones, and whole again.</summary>
internal static class PackCommands
{
    private const string Busy = "Another process packs or unpacks artifacts here: wait for it to end.";

    public static Command CreatePack(DataOptions data)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what it would save, and store nothing. It takes as long." };
        var command = new Command(
            "pack",
            "Store artifacts smaller: as a patch of what an earlier build of the same job and platform left at the same path, or compressed. "
                + "Those of the newest builds stay as they are. It runs with low priority, may be cut off, and goes on where it was."
        )
        {
            dryRun,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                if (storage.Bucket is { Address: var address })
                    throw new CommandException($"db pack works on a data directory; the artifacts are in {address}.");
                var isDryRun = parsed.GetValue(dryRun);
                var report =
                    await storage.Packer.PackAsync(isDryRun, new PackLines(TimeProvider.System), cancellationToken)
                    ?? throw new CommandException(Busy);
                await Console.Error.WriteLineAsync(Describe(report, isDryRun));
                if (report.Unreadable > 0)
                    throw new CommandException($"{report.Unreadable} artifacts cannot be read: \"builder db verify-data-dir\" lists them.");
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateUnpack(DataOptions data)
    {
        var command = new Command(
            "unpack",
            "Store all artifacts as they are again. It needs room for all of them; do it before an earlier version of this program is to read the directory."
        );
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                try
                {
                    var count =
                        await storage.Packer.UnpackAsync(new UnpackLines(TimeProvider.System), cancellationToken)
                        ?? throw new CommandException(Busy);
                    await Console.Error.WriteLineAsync(
                        count == 0 ? "No artifact is packed." : $"{count:N0} artifacts are stored as they are again."
                    );
                    return ExitCode.Success;
                }
                catch (IOException exception)
                {
                    throw new CommandException(exception.Message);
                }
            }
        );
        return command;
    }

    private static string Describe(PackReport report, bool isDryRun)
    {
        if (report.Done == 0)
            return "All artifacts are stored as small as they get; those of the newest builds stay as they are.";
        var verb = isDryRun ? "would be" : "are";
        var share = report.Before == 0 ? 100 : 100.0 * report.After / report.Before;
        return $"""
            {report.Deltas:N0} artifacts {verb} patches of earlier ones, {report.Alone:N0} {verb} compressed, {report.AsTheyAre:N0} stay as they are.
            {report.Before:N0} bytes {(isDryRun ? "would become" : "became")} {report.After:N0} ({share:0.0} %).
            """;
    }

    /// <summary>A line every few seconds.</summary>
    private sealed class PackLines(TimeProvider clock) : IProgress<PackReport>
    {
        private long last = clock.GetTimestamp();

        public void Report(PackReport value)
        {
            if (clock.GetElapsedTime(last) < Interval)
                return;
            last = clock.GetTimestamp();
            Console.Error.WriteLine($"{value.Done:N0} of {value.Total:N0} artifacts: {value.Before:N0} bytes became {value.After:N0}");
        }
    }

    private sealed class UnpackLines(TimeProvider clock) : IProgress<long>
    {
        private long last = clock.GetTimestamp();

        public void Report(long value)
        {
            if (clock.GetElapsedTime(last) < Interval)
                return;
            last = clock.GetTimestamp();
            Console.Error.WriteLine($"{value:N0} artifacts");
        }
    }

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
}
