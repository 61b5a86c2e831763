using System.Text.Json;
using Builder.Analysis.Difference;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Pairs with their cause and place, written down when they were made.</summary>
public sealed class DifferenceVectorTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Vectors", "difference");

    public static TheoryData<string, string, string, string, string> Pairs
    {
        get
        {
            var data = new TheoryData<string, string, string, string, string>();
            using var truth = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "truth.json")));
            foreach (var pair in truth.RootElement.EnumerateArray())
                data.Add(Text(pair, "name"), Text(pair, "left"), Text(pair, "right"), Text(pair, "cause"), Text(pair, "where"));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Each_pair_has_its_cause_first_and_in_its_place(string name, string left, string right, string cause, string where)
    {
        var result = await DifferenceEngine.CompareAsync(
            Path.Combine(Folder, left),
            Path.Combine(Folder, right),
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );
        Assert.False(result.IsSame);
        var first = result.Causes[0];
        var all = string.Join('\n', result.Causes);
        Assert.True(cause == CauseNames.NameOf(first.Kind), $"{name}: {all}");
        Assert.True(first.Path.StartsWith(where, StringComparison.Ordinal), $"{name}: {all}");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_file_is_the_same_as_itself(string name, string left, string right, string cause, string where)
    {
        _ = (name, right, cause, where);
        var path = Path.Combine(Folder, left);
        var result = await DifferenceEngine.CompareAsync(path, path, new DifferenceOptions(), TestContext.Current.CancellationToken);
        Assert.True(result.IsSame);
        Assert.Empty(result.Causes);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
