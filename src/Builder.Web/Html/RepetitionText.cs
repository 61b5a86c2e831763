using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Storage.Repetitions;

namespace Builder.Web.Html;

/// <summary>What repetitions say, in plain words.</summary>
public static class RepetitionText
{
    /// <summary><c>Reproduced on 2 workers, with time, path and locale varied</c>; null where no repetition agrees.</summary>
    public static string? Agreement(RepetitionSummary summary) =>
        !summary.HasAgreeing
            ? null
            : $"Reproduced on {(summary.Workers > 1 ? Wording.Count(summary.Workers, "worker") : "the same worker")}, {Varied(summary.Made)}";

    /// <summary><c>Not varied: file order (FUSE cannot be used)</c>; null where nothing is missing.</summary>
    public static string? Missing(IReadOnlyList<MissingVariation> missing) =>
        missing.Count == 0
            ? null
            : $"Not varied: {string.Join(", ", missing.Select(static one => $"{NameOf(one.Variation)} ({one.Text})"))}";

    /// <summary><c>with time, path and locale varied</c>.</summary>
    public static string Varied(Variations made) => made == Variations.None ? "with nothing varied" : $"with {List(made)} varied";

    /// <summary>What makes the output differ, as it goes on after a verdict; null where no repetition differs.</summary>
    public static string? Difference(RepetitionSummary? summary) =>
        summary switch
        {
            { Finding: { Kind: BisectionKind.Variation } finding } => $"when {Subject(finding.Variation)} is varied",
            { Finding.Kind: BisectionKind.NotVaried } => "although nothing is varied",
            { Finding.Kind: BisectionKind.Open, Differing: { } differing } => $"{Varied(differing)}; the bisection found no single one",
            { Differing: { } differing } => Varied(differing),
            _ => null,
        };

    /// <summary>As the field <c>repetitions</c>.</summary>
    public static void Write(Utf8JsonWriter json, RepetitionSummary summary)
    {
        json.WriteStartObject("repetitions");
        json.WriteBoolean("agree", summary.HasAgreeing);
        json.WriteNumber("workers", summary.Workers);
        WriteNames(json, "varied", summary.Made);
        WriteMissing(json, summary.Missing);
        if (summary.Differing is { } differing)
            WriteNames(json, "differed_with", differing);
        if (summary.Finding is { } finding)
            json.WriteString("finding", finding.Write());
        json.WriteEndObject();
    }

    /// <summary>As the field <c>repeats</c>.</summary>
    public static void Write(Utf8JsonWriter json, StoredRepetition repetition)
    {
        json.WriteStartObject("repeats");
        json.WriteString("uuid", repetition.Repeats.ToString());
        json.WriteString("worker", repetition.Worker);
        if (repetition.Agrees is { } agrees)
            json.WriteBoolean("agrees", agrees);
        WriteNames(json, "varied", repetition.Variations.Made);
        WriteMissing(json, repetition.Variations.Missing);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string name, Variations set)
    {
        json.WriteStartArray(name);
        foreach (var one in VariationNames.Of(set))
            json.WriteStringValue(one);
        json.WriteEndArray();
    }

    private static void WriteMissing(Utf8JsonWriter json, IReadOnlyList<MissingVariation> missing)
    {
        json.WriteStartArray("not_varied");
        foreach (var one in missing)
        {
            json.WriteStartObject();
            json.WriteString("variation", one.Name);
            json.WriteString("reason", one.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string List(Variations set)
    {
        var names = VariationNames.Each(set).Select(NameOf).ToList();
        return names.Count == 1 ? names[0] : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";
    }

    private static string NameOf(Variations variation) =>
        variation switch
        {
            Variations.Hostname => "host name",
            Variations.TimeZone => "time zone",
            Variations.Cpus => "processors",
            Variations.FileOrder => "file order",
            _ => VariationNames.Write(variation),
        };

    private static string Subject(Variations variation) =>
        variation switch
        {
            Variations.Time => "the clock",
            Variations.Path => "the build directory",
            Variations.Cpus => "the number of processors",
            Variations.FileOrder => "the order of files in directories",
            Variations.Kernel => "the kernel's release",
            _ => $"the {NameOf(variation)}",
        };
}
