using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Builder.Fuzz;

// builder-fuzz TARGET [CORPUS-DIR]                replays a corpus
// builder-fuzz TARGET [CORPUS-DIR] SECONDS [SEED] mutates it for so long
var seconds = args.Skip(1).Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : (int?)null).ToList();
var target = FuzzTargets.All.FirstOrDefault(candidate => candidate.Name == args.FirstOrDefault());
if (target is null)
{
    await Console.Error.WriteLineAsync(
        $"usage: builder-fuzz TARGET [CORPUS-DIR] [SECONDS [SEED]]; targets: {string.Join(", ", FuzzTargets.All.Select(known => known.Name))}"
    );
    return 2;
}
var numbers = seconds.OfType<int>().ToList();
var folder = seconds.FirstOrDefault() is null && args.Length > 1 ? args[1] : Corpus.FolderOf(target);
var corpus = Corpus.FilesIn(folder);
foreach (var file in corpus)
{
    if (!await TryAsync(await File.ReadAllBytesAsync(file), file))
        return 1;
}
await Console.Out.WriteLineAsync($"{target.Name}: {corpus.Count} inputs of {folder} replayed");
if (numbers.Count == 0)
    return corpus.Count > 0 ? 0 : 1;

var seed = numbers.Count > 1 ? numbers[1] : Environment.TickCount;
var mutator = new Mutator(seed);
var seeds = corpus.Select(File.ReadAllBytes).Where(input => input.Length < 100_000).ToList();
var watch = Stopwatch.StartNew();
var count = 0L;
for (; watch.Elapsed < TimeSpan.FromSeconds(numbers[0]); count++)
{
    var input = mutator.Mutate(seeds);
    if (!await TryAsync(input, $"seed {seed}, input {count}"))
        return 1;
}
await Console.Out.WriteLineAsync($"{target.Name}: {count} mutated inputs, seed {seed}, nothing found");
return 0;

async Task<bool> TryAsync(byte[] input, string what)
{
    var slowest = TimeSpan.FromSeconds(2);
    try
    {
        var start = Stopwatch.GetTimestamp();
        await target.RunAsync(input);
        if (Stopwatch.GetElapsedTime(start) < slowest)
            return true;
        await Console.Error.WriteLineAsync($"{what}: took {Stopwatch.GetElapsedTime(start)}");
    }
    catch (Exception exception)
    {
        await Console.Error.WriteLineAsync($"{what}: {exception}");
    }
    var find = $"find-{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..16]}";
    await File.WriteAllBytesAsync(find, input);
    await Console.Error.WriteLineAsync($"written to {find}; once mended, it belongs in fuzz/Builder.Fuzz/Corpus/{target.Name}");
    return false;
}
