using System.Text.Json;
using System.Text.Json.Nodes;
using Builder.Analysis.Comparison;
using Builder.Testing;

namespace Builder.Analysis.Tests.Comparison;

public sealed class SwitchComparerTests
{
    [Theory]
    [InlineData("alb-2024-2026", "albatross-2024-10-01", "albatross-2026-08-22")]
    [InlineData("alb-2025-2026", "albatross-2025-09-01", "albatross-2026-08-22")]
    [InlineData("alb-self", "albatross-2026-08-22", "albatross-2026-08-22")]
    [InlineData("alb-unik", "albatross-2026-08-22", "unikernel-2026-08-22")]
    public void The_comparison_is_the_references(string answer, string left, string right) =>
        Assert.Equal(
            JsonNode.Parse(Vectors.ReadText($"opam/compare/{answer}.json"))!.ToJsonString(),
            Json(SwitchComparer.Compare(Switches.Read(left), Switches.Read(right))).ToJsonString()
        );

    internal static JsonNode Json(OpamComparison comparison)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            ComparisonJson.Write(json, comparison);
        return JsonNode.Parse(stream.ToArray())!;
    }
}
