using System.Collections.Immutable;
using System.Text.Json;
using Builder.Analysis.Elf;
using Builder.Web.Builds;

namespace Builder.Web.Compare;

/// <summary>Two main binaries that differ, module by module.</summary>
/// <param name="Problem">Why they could not be compared.</param>
public sealed record BinariesCompared(ImmutableArray<PartChange> Changed, ImmutableArray<PartChange> Same, string? Problem)
{
    /// <summary>Null where there is nothing to compare: the same binary, or none on either side.</summary>
    internal static async Task<BinariesCompared?> RunAsync(
        BinaryParts parts,
        BuildFacts left,
        IReadOnlyList<ArtifactFacts> leftFiles,
        BuildFacts right,
        IReadOnlyList<ArtifactFacts> rightFiles,
        CancellationToken cancellationToken
    )
    {
        if (left.Main?.Hash == right.Main?.Hash)
            return null;
        var before = await parts.FindAsync(left, leftFiles, cancellationToken);
        var after = await parts.FindAsync(right, rightFiles, cancellationToken);
        var problems = new[] { ("left", before.Reason), ("right", after.Reason) }
            .Where(side => side.Item2 is not null)
            .Select(side => $"of the {side.Item1} build, {side.Item2}")
            .ToList();
        if (problems.Count > 0)
            return new BinariesCompared([], [], string.Join("; ", problems) + ".");
        var all = PartChange.Compare(before.Sizes, after.Sizes);
        return new BinariesCompared([.. all.Where(part => part.IsChanged)], [.. all.Where(part => !part.IsChanged)], null);
    }

    public static void Write(Utf8JsonWriter json, BinariesCompared? binaries)
    {
        json.WriteStartObject();
        if (binaries?.Problem is { } problem)
            json.WriteString("problem", problem);
        json.WriteStartArray("modules");
        foreach (var part in binaries is null ? [] : binaries.Changed.AddRange(binaries.Same))
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("kind", part.Kind);
            WriteSizes(json, part.Before, part.After);
            json.WriteStartArray("changed_units");
            foreach (var unit in part.Units)
            {
                json.WriteStartObject();
                json.WriteString("name", unit.Name);
                WriteSizes(json, unit.Before, unit.After);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSizes(Utf8JsonWriter json, long before, long after)
    {
        json.WriteNumber("left_size", before);
        json.WriteNumber("right_size", after);
        json.WriteNumber("difference", after - before);
    }
}
