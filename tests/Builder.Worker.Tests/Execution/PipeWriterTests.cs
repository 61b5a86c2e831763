using System.Text;
using Builder.Testing;
using Builder.Worker.Execution;

namespace Builder.Worker.Tests.Execution;

/// <summary>The end of a job's console that its supervisor opens.</summary>
public sealed class PipeWriterTests
{
    [Fact]
    public void A_pipe_whose_reader_has_died_is_refused_and_not_waited_for()
    {
        using var directory = new TemporaryDirectory();
        Assert.Equal(0, Posix.mkfifo(Posix.Terminated(directory["console"]), 0b110_000_000));

        var error = Assert.Throws<IOException>(() => Posix.OpenPipeWriter(directory["console"]));

        Assert.Contains(directory["console"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_writes_waits_for_room_and_loses_nothing()
    {
        using var directory = new TemporaryDirectory();
        var console = new RecordedConsole();
        using var pipe = ConsolePipe.Create(directory["console"], console);
        // More than a pipe holds: a descriptor that did not wait would fail.
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a line of the job\n", 20_000)));
        await using (var writer = new FileStream(Posix.OpenPipeWriter(pipe.Path), FileAccess.Write, bufferSize: 0))
            await writer.WriteAsync(text, TestContext.Current.CancellationToken);
        await pipe.Ended;
        Assert.Equal(20_000, console.Lines.Count);
    }
}
