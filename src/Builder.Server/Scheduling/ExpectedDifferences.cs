using System.Text.Json;
using Builder.Analysis.Difference;

namespace Builder.Server.Scheduling;

/// <summary>The differences that a job's owner declares harmless. Two lists of the same entries are equal.</summary>
public sealed class ExpectedDifferences : IEquatable<ExpectedDifferences>
{
    private readonly IReadOnlyList<ExpectedDifference> all;

    private ExpectedDifferences(IReadOnlyList<ExpectedDifference> all) => this.all = all;

    public static ExpectedDifferences None { get; } = new([]);

    public IReadOnlyList<ExpectedDifference> All => all;

    /// <exception cref="FormatException">There are too many.</exception>
    public static ExpectedDifferences Of(IReadOnlyList<ExpectedDifference> all) =>
        all.Count == 0 ? None
        : all.Count <= ExpectedDifference.MaxPerJob ? new ExpectedDifferences([.. all])
        : throw new FormatException($"a job has at most {ExpectedDifference.MaxPerJob} expected differences, this one {all.Count}");

    /// <summary>From the field <c>expected_differences</c>: a list of <c>cause</c> and <c>path</c>.</summary>
    /// <exception cref="FormatException">An entry cannot be; the message names it.</exception>
    public static ExpectedDifferences Read(JsonElement list)
    {
        var all = new List<ExpectedDifference>();
        foreach (var entry in list.EnumerateArray())
        {
            var cause = entry.GetProperty("cause").GetString() ?? "";
            var path = entry.GetProperty("path").GetString() ?? "";
            all.Add(
                ExpectedDifference.TryCreate(cause, path, out var expected, out var reason) ? expected : throw new FormatException(reason)
            );
        }
        return Of(all);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("expected_differences");
        foreach (var expected in all)
        {
            json.WriteStartObject();
            json.WriteString("cause", CauseNames.NameOf(expected.Cause));
            json.WriteString("path", expected.Path);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public bool Equals(ExpectedDifferences? other) => other is not null && all.SequenceEqual(other.all);

    public override bool Equals(object? obj) => Equals(obj as ExpectedDifferences);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var expected in all)
            hash.Add(expected);
        return hash.ToHashCode();
    }
}
