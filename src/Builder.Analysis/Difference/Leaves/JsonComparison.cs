using System.Globalization;
using System.Text.Json;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Collects what differs between two JSON values.</summary>
internal sealed class JsonComparison(CauseFinder finder, int maxChanges, CancellationToken cancellationToken)
{
    public List<Change> Changes { get; } = [];

    public LineCauses Causes { get; } = new(finder);

    public int Count { get; private set; }

    /// <param name="path">As in <c>a.b[2]</c>, empty for the root.</param>
    /// <param name="key">The last key, for the recognition of the cause.</param>
    public void Compare(JsonElement left, JsonElement right, string path, string key)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
            CompareObjects(left, right, path);
        else if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array)
            CompareArrays(left, right, path, key);
        else if (Text(left) != Text(right) || left.ValueKind != right.ValueKind)
            AddValue(path, key, Text(left), Text(right));
    }

    private void AddValue(string path, string key, string left, string right)
    {
        var (a, b) = ($"{key}: {left}", $"{key}: {right}");
        if (!DigestPattern.IsCause(a, b))
        {
            Add(path, left, right, finder.FindAll(a, b));
            return;
        }
        Add(path, left, right, []);
        Causes.AddFollower(path, left, right);
    }

    private void CompareObjects(JsonElement left, JsonElement right, string path)
    {
        var (leftKeys, rightKeys) = (Members(left), Members(right));
        foreach (var (name, value) in leftKeys.Values)
        {
            if (rightKeys.Values.TryGetValue(name, out var other))
                Compare(value, other, path.Length == 0 ? name : $"{path}.{name}", name);
            else
                Add(path.Length == 0 ? name : $"{path}.{name}", Text(value), null, [CauseKind.Content]);
        }
        foreach (var (name, value) in rightKeys.Values.Where(member => !leftKeys.Values.ContainsKey(member.Key)))
            Add(path.Length == 0 ? name : $"{path}.{name}", null, Text(value), [CauseKind.Content]);

        var (leftCommon, rightCommon) = (
            leftKeys.Order.Where(rightKeys.Values.ContainsKey).ToList(),
            rightKeys.Order.Where(leftKeys.Values.ContainsKey).ToList()
        );
        if (!leftCommon.SequenceEqual(rightCommon))
            AddOrder(
                path.Length == 0 ? "keys" : $"{path}: keys",
                string.Join(", ", leftCommon.Take(20)),
                string.Join(", ", rightCommon.Take(20))
            );
    }

    private void CompareArrays(JsonElement left, JsonElement right, string path, string key)
    {
        var (a, b) = (left.EnumerateArray().ToList(), right.EnumerateArray().ToList());
        if (a.Count == b.Count)
        {
            var (leftTexts, rightTexts) = (a.ConvertAll(element => element.GetRawText()), b.ConvertAll(element => element.GetRawText()));
            if (leftTexts.SequenceEqual(rightTexts))
                return;
            if (leftTexts.Order(StringComparer.Ordinal).SequenceEqual(rightTexts.Order(StringComparer.Ordinal)))
            {
                var at = Enumerable.Range(0, a.Count).First(i => leftTexts[i] != rightTexts[i]);
                AddOrder(path.Length == 0 ? "elements" : $"{path}: elements", leftTexts[at], rightTexts[at]);
                return;
            }
        }
        for (var i = 0; i < Math.Max(a.Count, b.Count); i++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (i < a.Count && i < b.Count)
                Compare(a[i], b[i], place, key);
            else
                Add(place, i < a.Count ? Text(a[i]) : null, i < b.Count ? Text(b[i]) : null, [CauseKind.Content]);
        }
    }

    private void AddOrder(string place, string left, string right)
    {
        Count++;
        if (Changes.Count < maxChanges)
            Changes.Add(new Change(ChangeType.Order, place, CauseFinder.Shown(left), CauseFinder.Shown(right)));
        Causes.Add(place, left, right, [CauseKind.Ordering]);
    }

    private void Add(string place, string? left, string? right, IReadOnlyList<CauseKind> kinds)
    {
        Count++;
        if (Changes.Count < maxChanges)
            Changes.Add(
                new Change(
                    ChangeType.Field,
                    place,
                    left is null ? null : CauseFinder.Shown(left),
                    right is null ? null : CauseFinder.Shown(right)
                )
            );
        Causes.Add(place, left ?? "", right ?? "", kinds);
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();

    // Of a name that stands twice, the last value counts.
    private static (List<string> Order, Dictionary<string, JsonElement> Values) Members(JsonElement element)
    {
        var order = new List<string>();
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (values.TryAdd(property.Name, property.Value))
                order.Add(property.Name);
            else
                values[property.Name] = property.Value;
        }
        return (order, values);
    }
}
