using System.Text;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests.Execution;

/// <summary>The end of a job's console that the job gets.</summary>
public sealed class ConsolePipeTests
{
    [Fact]
    public async Task Whoever_writes_waits_for_room_and_loses_nothing()
    {
        var console = new RecordedConsole();
        using var pipe = ConsolePipe.Create(console);
        // More than a pipe holds: a descriptor that did not wait would fail.
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a line of the job\n", 20_000)));
        await using (var writer = new FileStream(pipe.Writer, FileAccess.Write, bufferSize: 0))
            await writer.WriteAsync(text, TestContext.Current.CancellationToken);
        await pipe.Ended;
        Assert.Equal(20_000, console.Lines.Count);
    }

    [Fact]
    public async Task The_console_of_a_job_has_no_name_in_any_directory()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync("readlink /proc/self/fd/1; ls -A ..; echo words > /dev/stderr");

        Assert.StartsWith("pipe:[", execution.Console.Text[0], StringComparison.Ordinal);
        Assert.Equal(["job", "words"], execution.Console.Text.Skip(1));
    }
}
