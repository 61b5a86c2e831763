using System.Collections.Immutable;

namespace Builder.Analysis.Advisories;

/// <summary>A published statement that some versions of some packages have a fault.</summary>
/// <param name="Severity">A CVSS vector; null where the advisory gives none.</param>
/// <param name="Score">As the advisory writes it, such as <c>7.4 (High)</c>.</param>
/// <param name="Alternatives">It applies where all packages of any of these are affected; most have one package each.</param>
/// <param name="Bindings">OCaml values and C functions with the fault, such as <c>Bigarray.reshape</c>.</param>
/// <param name="Details">Markdown.</param>
public sealed record Advisory(
    string Id,
    string Title,
    string? Published,
    string? Modified,
    string? Withdrawn,
    ImmutableArray<string> Aliases,
    string? Severity,
    string? Score,
    ImmutableArray<ImmutableArray<AffectedPackage>> Alternatives,
    ImmutableArray<string> Bindings,
    ImmutableArray<string> References,
    string Details
)
{
    public IEnumerable<AffectedPackage> Packages => Alternatives.SelectMany(static packages => packages);
}
