namespace Builder.Fuzz.Tests;

public sealed class FuzzTargetTests
{
    /// <summary>The same in every run: the long search is the fuzzer's, this is a net.</summary>
    private const int Seed = 20_261_122;

    private const int Mutations = 3_000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Every_input_of_the_corpus_is_taken_or_refused(string name)
    {
        var target = Find(name);
        var files = Corpus.FilesIn(Corpus.FolderOf(target));
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var outcome = await Record.ExceptionAsync(async () =>
                await target.RunAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))
            );
            Assert.True(outcome is null, $"{file}: {outcome}");
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task So_are_inputs_made_of_them(string name)
    {
        var target = Find(name);
        var corpus = Corpus.FilesIn(Corpus.FolderOf(target)).Select(File.ReadAllBytes).Where(input => input.Length < 10_000).ToList();
        var mutator = new Mutator(Seed);
        for (var i = 0; i < Mutations; i++)
        {
            var input = mutator.Mutate(corpus);
            var outcome = await Record.ExceptionAsync(() => target.RunAsync(input));
            Assert.True(outcome is null, $"input {i}, {Convert.ToHexString(input)}: {outcome}");
        }
    }

    private static FuzzTarget Find(string name) => FuzzTargets.All.Single(target => target.Name == name);
}
