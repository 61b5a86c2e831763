using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>The uuid of a build: 16 raw bytes on the wire, the usual 36 lower-case characters for people.</summary>
public readonly record struct BuildUuid
{
    public const int SizeInBytes = 16;

    private readonly Guid guid;

    private BuildUuid(Guid guid) => this.guid = guid;

    /// <summary>A random uuid (version 4, RFC 9562).</summary>
    public static BuildUuid NewRandom() => new(Guid.NewGuid());

    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static BuildUuid FromBytes(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    /// <exception cref="FormatException">Not a uuid of 36 characters.</exception>
    public static BuildUuid Parse(string text) =>
        TryParse(text, out var uuid)
            ? uuid
            : throw new FormatException($"\"{text}\" is not a uuid such as b92c500e-03fc-44d9-95de-50e5e6f91479");

    public static bool TryParse([NotNullWhen(true)] string? text, out BuildUuid uuid)
    {
        var parsed = Guid.TryParseExact(text, "D", out var guid);
        uuid = new BuildUuid(guid);
        return parsed;
    }

    public void CopyTo(Span<byte> destination) => guid.TryWriteBytes(destination, bigEndian: true, out _);

    public byte[] ToByteArray() => guid.ToByteArray(bigEndian: true);

    public override string ToString() => guid.ToString("D");
}
