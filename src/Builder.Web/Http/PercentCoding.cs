using System.Globalization;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Web.Http;

/// <summary>Percent-encoding back to bytes (RFC 3986).</summary>
internal static class PercentCoding
{
    /// <summary>False where a percent sign stands without two hexadecimal digits.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out ByteString bytes)
    {
        bytes = default;
        var raw = Encoding.UTF8.GetBytes(text.ToString());
        var length = 0;
        for (var index = 0; index < raw.Length; index++)
        {
            if (raw[index] != '%')
            {
                raw[length++] = raw[index];
                continue;
            }
            if (
                index + 2 >= raw.Length
                || !byte.TryParse(raw.AsSpan(index + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)
            )
            {
                return false;
            }
            raw[length++] = octet;
            index += 2;
        }
        bytes = new ByteString(raw.AsMemory(0, length));
        return true;
    }
}
