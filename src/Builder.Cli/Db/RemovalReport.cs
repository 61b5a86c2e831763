using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Protocol.Values;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary>What is, or would be, removed: a line per build on standard output, the sum on standard error.</summary>
internal static class RemovalReport
{
    public static Option<bool> DryRunOption() =>
        new("--dry-run") { Description = "Only show what would be removed, and what space it would free." };

    /// <exception cref="CommandException">There is none: a slip of the pen must not look like work done.</exception>
    public static async Task RequireJobAsync(BuildRemoval removal, JobName job, CancellationToken cancellationToken)
    {
        if (!await removal.JobExistsAsync(job, cancellationToken))
            throw new CommandException($"There is no job \"{job}\".");
    }

    public static async Task PrintAsync(
        BuildRemoval removal,
        IReadOnlyList<RemovableBuild> builds,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        foreach (var build in builds)
        {
            var started = build
                .Started.ToDateTimeOffset()
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            Console.WriteLine($"{build.Uuid}\t{build.Job}\t{build.Platform}\t{started}\t{(build.IsSuccessful ? "successful" : "failed")}");
        }
        var freed = await removal.FreedBytesAsync(builds, cancellationToken);
        await Console.Error.WriteLineAsync(
            $"{builds.Count} builds{(isDryRun ? " would be removed" : "")}, {freed:N0} bytes of artifacts that no other build has."
        );
    }
}
