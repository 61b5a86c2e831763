using System.Numerics;

namespace Builder.Protocol.Der;

/// <summary>Encoded sizes, for lengths that must be known before their content is at hand.</summary>
internal static class DerSize
{
    public static int OfHeader(long contentLength) => contentLength < 0x80 ? 2 : 2 + OctetsOf((ulong)contentLength);

    /// <summary>Header and content.</summary>
    public static long OfElement(long contentLength) => checked(OfHeader(contentLength) + contentLength);

    public static int OfInteger(long value) => 2 + OctetsOfInteger(value);

    /// <summary>Octets of the shortest two's complement form.</summary>
    public static int OctetsOfInteger(long value)
    {
        var magnitude = (ulong)(value < 0 ? ~value : value);
        return ((64 - BitOperations.LeadingZeroCount(magnitude)) / 8) + 1;
    }

    /// <summary>Octets of a length in the long form.</summary>
    public static int OctetsOf(ulong length) => length == 0 ? 1 : ((64 - BitOperations.LeadingZeroCount(length)) + 7) / 8;
}
