using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Analysis.Comparison;

/// <summary>Comparisons as JSON, in the shape and order that clients of the original rely on.</summary>
public static class ComparisonJson
{
    /// <summary>Packages that are effectively equal are left out, as they always were.</summary>
    public static void Write(Utf8JsonWriter json, OpamComparison comparison)
    {
        json.WriteStartObject();
        json.WriteStartArray("opam_diff");
        foreach (var change in comparison.Changed.Where(change => !change.EffectivelyEqual).Reverse())
        {
            json.WriteStartObject();
            json.WriteString("package_version", $"{change.Name}.{change.Version}");
            json.WriteBoolean("effectively_equal", change.EffectivelyEqual);
            json.WriteString("diff", change.Diff);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteChanges(json, "version_diff", comparison.OtherVersion);
        WriteOnly(json, "only_in_left", comparison.OnlyLeft.Reverse());
        WriteOnly(json, "only_in_right", comparison.OnlyRight.Reverse());
        WriteDuniverse(json, comparison.Duniverse);
        if (!comparison.Roots.IsEmpty)
            WriteRoots(json, comparison.Roots);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, NamedVersionComparison comparison)
    {
        json.WriteStartObject();
        WriteOnly(json, "left_packages", comparison.OnlyLeft);
        WriteOnly(json, "right_packages", comparison.OnlyRight);
        WriteChanges(json, "different_versions", comparison.Changed);
        json.WriteEndObject();
    }

    /// <summary>Ours; the original compares no switches of several roots.</summary>
    private static void WriteRoots(Utf8JsonWriter json, ImmutableArray<RootComparison> roots)
    {
        json.WriteStartArray("roots");
        foreach (var root in roots)
        {
            json.WriteStartObject();
            json.WriteString("name", root.Name);
            json.WriteString("version_left", root.Left);
            json.WriteString("version_right", root.Right);
            json.WritePropertyName("changed");
            if (root.Changed is { } changed)
            {
                json.WriteStartArray();
                foreach (var name in changed)
                    json.WriteStringValue(name);
                json.WriteEndArray();
            }
            else
            {
                json.WriteNullValue();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteDuniverse(Utf8JsonWriter json, DuniverseComparison duniverse)
    {
        if (duniverse.Problem is { } problem)
        {
            json.WriteString("duniverse_diff", problem);
            return;
        }
        json.WriteStartObject("duniverse_diff");
        WriteDirectories(json, "left", duniverse.OnlyLeft);
        WriteDirectories(json, "right", duniverse.OnlyRight);
        json.WriteStartArray("detailed_diff");
        foreach (var change in duniverse.Changed)
        {
            json.WriteStartObject();
            json.WriteString("name", change.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDirectories(Utf8JsonWriter json, string property, ImmutableArray<DuniverseDirectory> directories)
    {
        json.WriteStartArray(property);
        foreach (var directory in directories)
        {
            json.WriteStartObject();
            json.WriteString("name", directory.Name);
            json.WriteString("value", directory.Url);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteOnly(Utf8JsonWriter json, string property, IEnumerable<NamedVersion> entries)
    {
        json.WriteStartArray(property);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("version", entry.Version);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteChanges(Utf8JsonWriter json, string property, ImmutableArray<VersionChange> changes)
    {
        json.WriteStartArray(property);
        foreach (var change in changes)
        {
            json.WriteStartObject();
            json.WriteString("name", change.Name);
            json.WriteString("version_left", change.Left);
            json.WriteString("version_right", change.Right);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
