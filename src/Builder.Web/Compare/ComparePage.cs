using System.Globalization;
using Builder.Analysis.Comparison;
using Builder.Web.Builds;
using Builder.Web.Pages;

namespace Builder.Web.Compare;

/// <summary>What changed from one build to another: in numbers, then in detail.</summary>
public sealed record ComparePage(
    PageLayout PageLayout,
    BuildFacts Left,
    BuildFacts Right,
    InputsCompared Inputs,
    BinariesCompared? Binaries
)
{
    /// <summary>Changed opam files that are shown unfolded.</summary>
    public const int MaxOpen = 8;

    /// <summary>Changed modules, and units of one of them, that are listed.</summary>
    public const int MaxModules = 300;

    public const int MaxUnits = 12;

    /// <summary>The root whose packages alone are compared; null for all together.</summary>
    public string? Root { get; init; }

    /// <summary>Why the output differs; null where it does not.</summary>
    public WhyDifferent? Why { get; init; }

    public OpamComparison Opam => Inputs.Opam;

    public IEnumerable<OpamFileChange> RealChanges => Opam.Changed.Where(change => !change.EffectivelyEqual);

    public IEnumerable<OpamFileChange> Equal => Opam.Changed.Where(change => change.EffectivelyEqual);

    public int PackageChanges => Opam.OnlyLeft.Length + Opam.OnlyRight.Length + Opam.OtherVersion.Length;

    public bool SameOutput => Left.Main is { } left && Right.Main is { } right && left.Hash == right.Hash;

    public long? SizeChange => Left.Main is { } left && Right.Main is { } right ? right.Size - left.Size : null;

    public bool InputsKnown => Left.InputId is not null && Right.InputId is not null;

    public bool NothingChanged =>
        PackageChanges + Opam.Changed.Length + Opam.Duniverse.Count + Inputs.Environment.Count + Inputs.SystemPackages.Count == 0
        && Inputs.OpamProblem is null;

    public IEnumerable<string> Problems =>
        new[]
        {
            Inputs.OpamProblem,
            Inputs.OpamProblem is null ? Opam.Duniverse.Problem : null,
            Inputs.Environment.Problem,
            Inputs.SystemPackages.Problem,
        }.OfType<string>();

    /// <summary>Whether a version's first number changed: that is where incompatible changes are.</summary>
    public static bool IsMajor(VersionChange change) =>
        FirstNumber(change.Left) is { } left && FirstNumber(change.Right) is { } right && left != right;

    private static long? FirstNumber(string version)
    {
        // Debian's epoch comes before a colon.
        var text = version.AsSpan(version.IndexOf(':', StringComparison.Ordinal) + 1).TrimStart('v');
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
