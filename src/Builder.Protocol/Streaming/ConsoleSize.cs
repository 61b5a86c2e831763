using Builder.Protocol.Der;
using Builder.Protocol.Messages;

namespace Builder.Protocol.Streaming;

/// <summary>Counts the encoded length of a console while its lines come in, so that it can be written later without holding it.</summary>
public sealed class ConsoleSize
{
    public long ContentLength { get; private set; }

    public void Add(ConsoleLine line) => ContentLength = checked(ContentLength + DerSize.OfElement(SizeOfFields(line)));

    private static long SizeOfFields(ConsoleLine line) => DerSize.OfInteger(line.DeltaNanoseconds) + DerSize.OfElement(line.Text.Length);
}
