using System.Diagnostics;
using System.Text;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary>One line that is written over, on a terminal; nothing elsewhere.</summary>
internal sealed class VerificationLine : IProgress<VerificationProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Stream terminal = Console.OpenStandardError();
    private readonly long start = Stopwatch.GetTimestamp();
    private TimeSpan last = TimeSpan.MinValue;

    public void Report(VerificationProgress value)
    {
        var now = Stopwatch.GetElapsedTime(start);
        var isLast = value.Files >= value.TotalFiles;
        if (Console.IsErrorRedirected || (!isLast && now - Interval < last))
            return;
        last = now;
        // Not through Console, which shows a carriage return instead of obeying it. There are only numbers in it.
        terminal.Write(
            Encoding.UTF8.GetBytes(
                $"\r{value.Files:N0} of {value.TotalFiles:N0} files, {value.Bytes / 1_000_000:N0} MB{(isLast ? "\n" : "")}"
            )
        );
    }
}
