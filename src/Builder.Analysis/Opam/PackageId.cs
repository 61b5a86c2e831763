namespace Builder.Analysis.Opam;

/// <summary>A package and its version, as <c>name.version</c> names it. Names order without regard to case, capitals first.</summary>
public readonly record struct PackageId(OpamText Name, OpamText Version) : IComparable<PackageId>
{
    public override string ToString() => $"{Name}.{Version}";

    public int CompareTo(PackageId other)
    {
        var names = CompareNames(Name, other.Name);
        return names != 0 ? names : PackageVersion.Compare(Version.Span, other.Version.Span);
    }

    /// <summary>Cuts at the first dot; false where a part is missing or the name has no letter.</summary>
    public static bool TryParse(OpamText text, out PackageId package)
    {
        package = default;
        var dot = text.Span.IndexOf((byte)'.');
        if (dot < 0 || dot == text.Span.Length - 1 || !IsName(text.Span[..dot]))
            return false;
        package = new PackageId(new OpamText(text.Memory[..dot]), new OpamText(text.Memory[(dot + 1)..]));
        return true;
    }

    public static int CompareNames(OpamText left, OpamText right)
    {
        var a = left.Span;
        var b = right.Span;
        var shared = Math.Min(a.Length, b.Length);
        for (var i = 0; i < shared; i++)
        {
            if (a[i] == b[i])
                continue;
            var folded = Lower(a[i]) - Lower(b[i]);
            return folded != 0 ? folded : a[i] - b[i];
        }
        return a.Length - b.Length;
    }

    public static bool operator <(PackageId left, PackageId right) => left.CompareTo(right) < 0;

    public static bool operator <=(PackageId left, PackageId right) => left.CompareTo(right) <= 0;

    public static bool operator >(PackageId left, PackageId right) => left.CompareTo(right) > 0;

    public static bool operator >=(PackageId left, PackageId right) => left.CompareTo(right) >= 0;

    internal static bool IsName(ReadOnlySpan<byte> name)
    {
        var hasLetter = false;
        foreach (var c in name)
        {
            hasLetter |= char.IsAsciiLetter((char)c);
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'-' or (byte)'_' or (byte)'+'))
                return false;
        }
        return hasLetter;
    }

    private static int Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? c + 32 : c;
}
