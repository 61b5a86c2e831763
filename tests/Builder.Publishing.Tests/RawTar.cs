using System.Globalization;
using System.Text;

namespace Builder.Publishing.Tests;

/// <summary>Tar archives byte by byte, as odd tools write them.</summary>
internal sealed class RawTar
{
    private readonly List<byte> bytes = [];

    /// <param name="size">What the header says, where that is not the length of the content.</param>
    public RawTar Add(
        string name,
        char type = '0',
        string content = "",
        string link = "",
        long? size = null,
        string magic = "ustar  \0",
        string prefix = ""
    )
    {
        var header = new byte[512];
        Put(header, 0, name);
        Put(header, 100, "0000644\0");
        Put(header, 108, "0000000\0");
        Put(header, 116, "0000000\0");
        Put(header, 124, Convert.ToString(size ?? content.Length, 8).PadLeft(11, '0'));
        Put(header, 136, "15071500000");
        Put(header, 148, "        ");
        header[156] = (byte)type;
        Put(header, 157, link);
        Put(header, 257, magic);
        Put(header, 345, prefix);
        var sum = header.Sum(b => (int)b);
        Put(header, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        bytes.AddRange(header);
        var data = Encoding.Latin1.GetBytes(content);
        bytes.AddRange(data);
        bytes.AddRange(new byte[(512 - (data.Length % 512)) % 512]);
        return this;
    }

    public RawTar Raw(byte[] more)
    {
        bytes.AddRange(more);
        return this;
    }

    /// <summary>Without an end mark.</summary>
    public byte[] Open() => bytes.ToArray();

    /// <summary>With the two zero blocks.</summary>
    public byte[] End() => [.. bytes.ToArray(), .. new byte[1024]];

    private static void Put(byte[] header, int offset, string text) => Encoding.Latin1.GetBytes(text).CopyTo(header, offset);

    /// <summary>A record of a pax header: its length counts itself.</summary>
    public static string Pax(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = rest.Length + 1;
        while (length != rest.Length + length.ToString(CultureInfo.InvariantCulture).Length)
            length++;
        return $"{length.ToString(CultureInfo.InvariantCulture)}{rest}";
    }
}
