namespace Builder.Protocol.Der;

/// <summary>The identifier octets that occur in the protocol; all fit one byte.</summary>
internal static class DerTag
{
    public const byte Integer = 0x02;
    public const byte Null = 0x05;
    public const byte Text = 0x0c;
    public const byte UtcTime = 0x17;
    public const byte GeneralizedTime = 0x18;
    public const byte Sequence = 0x30;

    private const byte ContextSpecificConstructed = 0xa0;

    /// <summary>The explicit tag <c>[number]</c>.</summary>
    public static byte Context(int number) => (byte)(ContextSpecificConstructed | number);

    /// <summary>The number of an explicit tag, or -1 where <paramref name="tag"/> is none.</summary>
    public static int ContextNumber(byte tag) => (tag & 0xe0) == ContextSpecificConstructed ? tag & 0x1f : -1;

    /// <summary>For error messages.</summary>
    public static string Describe(byte tag) =>
        tag switch
        {
            Integer => "INTEGER",
            Null => "NULL",
            Text => "UTF8String",
            UtcTime => "UTCTime",
            GeneralizedTime => "GeneralizedTime",
            Sequence => "SEQUENCE",
            0x04 => "OCTET STRING",
            0x13 => "PrintableString",
            0x31 => "SET",
            _ when ContextNumber(tag) >= 0 => $"[{ContextNumber(tag)}]",
            _ => $"tag 0x{tag:x2}",
        };
}
