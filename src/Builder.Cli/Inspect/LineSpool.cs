using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Cli.Inspect;

/// <summary>Turns a console round: a build has it newest line first, people read it oldest first. The text waits in a temporary file.</summary>
internal sealed class LineSpool : IDisposable
{
    private readonly FileStream file = new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }
    );

    private readonly List<(long Delta, long Offset)> lines = [];
    private long length;

    public async ValueTask AddAsync(ConsoleLine line, CancellationToken cancellationToken)
    {
        lines.Add((line.DeltaNanoseconds, length));
        await file.WriteAsync(line.Text.Memory, cancellationToken);
        length += line.Text.Length;
    }

    public async IAsyncEnumerable<ConsoleLine> OldestFirstAsync()
    {
        await file.FlushAsync();
        var end = length;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var (delta, offset) = lines[i];
            var text = new byte[end - offset];
            for (var filled = 0; filled < text.Length; )
                filled += await RandomAccess.ReadAsync(file.SafeFileHandle, text.AsMemory(filled), offset + filled);
            yield return new ConsoleLine(delta, new ByteString(text));
            end = offset;
        }
    }

    public void Dispose() => file.Dispose();
}
