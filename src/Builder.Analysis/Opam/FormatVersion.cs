using System.Buffers.Text;

namespace Builder.Analysis.Opam;

/// <summary>The <c>opam-version</c> of a file: major and minor number of the format; a patch number does not count.</summary>
internal readonly record struct FormatVersion(uint Major, uint Minor)
{
    public const string FieldName = "opam-version";

    public static readonly FormatVersion Oldest = new(2, 0);

    /// <summary>From this one on <c>opam-version</c> stands once, at the top.</summary>
    public static readonly FormatVersion Single = new(2, 1);

    /// <summary>The newest whose syntax we know.</summary>
    public static readonly FormatVersion Newest = new(2, 1);

    public override string ToString() => $"{Major}.{Minor}";

    /// <summary>Null where the file does not say.</summary>
    public static FormatVersion? Of(OpamFile file) =>
        file.Items.OfType<OpamItem.Field>().FirstOrDefault(field => field.Name == FieldName) is { Value: OpamValue.Text text }
            ? Parse(text.Value)
            : null;

    /// <param name="name">What messages call the file.</param>
    /// <exception cref="OpamSyntaxException">The version is newer than those we know.</exception>
    public static void Require(FormatVersion version, string name)
    {
        if (version > Newest)
            throw new OpamSyntaxException(name, 1, 1, $"{FieldName} {Newest} or older was expected, not {version}");
    }

    /// <summary>0.0 for what is no version.</summary>
    public static FormatVersion Parse(OpamText text)
    {
        var span = text.Span;
        return
            Utf8Parser.TryParse(span, out uint major, out var used)
            && used < span.Length
            && span[used] == '.'
            && Utf8Parser.TryParse(span[(used + 1)..], out uint minor, out _)
            ? new FormatVersion(major, minor)
            : default;
    }

    public static bool operator >(FormatVersion left, FormatVersion right) =>
        (left.Major, left.Minor).CompareTo((right.Major, right.Minor)) > 0;

    public static bool operator <(FormatVersion left, FormatVersion right) => right > left;

    public static bool operator >=(FormatVersion left, FormatVersion right) => !(right > left);

    public static bool operator <=(FormatVersion left, FormatVersion right) => !(left > right);
}
