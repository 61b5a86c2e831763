using System.Text;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests;

/// <summary>Keeps the lines of a job, and says when one has come.</summary>
internal sealed class RecordedConsole : IConsoleSink
{
    private readonly Lock gate = new();
    private readonly List<byte[]> lines = [];
    private readonly List<(string Line, TaskCompletionSource Come)> awaited = [];

    public IReadOnlyList<byte[]> Lines
    {
        get
        {
            lock (gate)
                return [.. lines];
        }
    }

    public IReadOnlyList<string> Text => [.. Lines.Select(Encoding.UTF8.GetString)];

    public Task Come(string line)
    {
        lock (gate)
        {
            if (lines.Any(known => Encoding.UTF8.GetString(known) == line))
                return Task.CompletedTask;
            var come = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            awaited.Add((line, come));
            return come.Task;
        }
    }

    public void Write(ReadOnlySpan<byte> line)
    {
        lock (gate)
        {
            lines.Add(line.ToArray());
            foreach (var (text, come) in awaited)
            {
                if (text == Encoding.UTF8.GetString(line))
                    come.TrySetResult();
            }
        }
    }

    public void Flush() { }
}
