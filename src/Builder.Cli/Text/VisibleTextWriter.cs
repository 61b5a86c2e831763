using System.Text;
using Builder.Protocol.Text;

namespace Builder.Cli.Text;

/// <summary>
/// Text for people on a terminal or in a log: what is written goes through <see cref="VisibleText.Block"/>, wherever it came from.
/// The writer behind it is asked for when there is something to write.
/// </summary>
internal sealed class VisibleTextWriter(Func<TextWriter> open) : TextWriter
{
    private readonly Lazy<TextWriter> inner = new(open);

    public override Encoding Encoding => inner.Value.Encoding;

    public override void Write(char value) => inner.Value.Write(VisibleText.Block(value.ToString()));

    public override void Write(char[] buffer, int index, int count) =>
        inner.Value.Write(VisibleText.Block(new string(buffer, index, count)));

    public override void Write(ReadOnlySpan<char> buffer) => inner.Value.Write(VisibleText.Block(buffer.ToString()));

    public override void Write(string? value) => inner.Value.Write(VisibleText.Block(value ?? ""));

    public override void WriteLine(string? value) => inner.Value.Write(VisibleText.Block(value ?? "") + "\n");

    public override void Flush()
    {
        if (inner.IsValueCreated)
            inner.Value.Flush();
    }
}
