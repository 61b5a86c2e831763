using System.Diagnostics;
using System.Text;
using Builder.Protocol.Text;

namespace Builder.Cli.Diff;

/// <summary>One line on standard error that is written over, when that is a terminal and the work takes longer than a second.</summary>
internal sealed class DiffProgress : IAsyncDisposable
{
    private const int MaxPhase = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Stream terminal = Console.OpenStandardError();
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Timer? timer;
    private volatile string phase = "";
    private long bytes;
    private bool isShown;

    public DiffProgress() => timer = Console.IsErrorRedirected ? null : new Timer(_ => Write(), null, Interval * 2, Interval);

    /// <summary>Of the present phase; 0 for none.</summary>
    public long Bytes
    {
        set => Interlocked.Exchange(ref bytes, value);
    }

    public void Show(string what)
    {
        Bytes = 0;
        var line = VisibleText.Line(what);
        phase = line.Length > MaxPhase ? $"{line[..MaxPhase]}…" : line;
    }

    public async ValueTask DisposeAsync()
    {
        if (timer is not null)
            await timer.DisposeAsync();
        if (isShown)
            terminal.Write("\r\e[K"u8);
    }

    // Not through Console, which shows a carriage return instead of obeying it.
    private void Write()
    {
        var read = Interlocked.Read(ref bytes);
        var amount = read == 0 ? "" : $", {read / 1_000_000:N0} MB";
        terminal.Write(Encoding.UTF8.GetBytes($"\r{phase}{amount}, {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s\e[K"));
        isShown = true;
    }
}
