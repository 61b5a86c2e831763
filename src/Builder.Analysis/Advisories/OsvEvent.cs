using System.Text.Json;

namespace Builder.Analysis.Advisories;

/// <summary>One event of a range.</summary>
internal readonly record struct OsvEvent(OsvEventKind Kind, string Version)
{
    /// <summary><c>introduced: "0"</c>: before every version.</summary>
    public bool IsStart => Kind == OsvEventKind.Introduced && Version == "0";

    public static IEnumerable<OsvEvent> Of(JsonElement element, OsvEventKind kind, string field) =>
        OsvJson.Text(element, field) is { } version ? [new OsvEvent(kind, version)] : [];

    public static Comparer<OsvEvent> By(Ecosystem ecosystem) =>
        Comparer<OsvEvent>.Create(
            (left, right) =>
                left.IsStart != right.IsStart
                    ? left.IsStart
                        ? -1
                        : 1
                    : EcosystemVersion.Compare(ecosystem, left.Version, right.Version) is var order and not 0
                        ? order
                        : TieOrder(left.Kind, right.Kind)
        );

    // Events of one version count in the order of the file, but a range begins before it ends with that version.
    private static int TieOrder(OsvEventKind left, OsvEventKind right) =>
        (left, right) switch
        {
            (OsvEventKind.Introduced, OsvEventKind.LastAffected) => -1,
            (OsvEventKind.LastAffected, OsvEventKind.Introduced) => 1,
            _ => 0,
        };
}
