using System.Text;

namespace Builder.Protocol.Values;

/// <summary>The rule for names from outside that become one segment of a path.</summary>
internal static class PathSegment
{
    /// <summary>Longest file name that common file systems hold.</summary>
    private const int MaxSizeInBytes = 255;

    /// <summary>The reason why <paramref name="text"/> cannot be a segment, or null where it can.</summary>
    public static string? Refuse(string what, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return $"{what} is empty";
        if (text is "." or "..")
            return $"{what} \"{text}\" would name a directory";
        if (text.Contains('/', StringComparison.Ordinal))
            return $"{what} \"{text}\" holds \"/\"";
        if (HoldsControl(text))
            return $"{what} \"{new string([.. text.Select(c => char.IsControl(c) ? '\uFFFD' : c)])}\" holds a control character";
        if (Encoding.UTF8.GetByteCount(text) > MaxSizeInBytes)
            return $"{what} is longer than {MaxSizeInBytes} bytes";
        return null;
    }

    private static bool HoldsControl(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
                return true;
        }
        return false;
    }
}
