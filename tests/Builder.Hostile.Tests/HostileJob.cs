namespace Builder.Hostile.Tests;

/// <summary>A script of the suite, with what must come of it.</summary>
/// <param name="Limit">The limit that must end it; null where it must end by itself, having reached nothing.</param>
internal sealed record HostileJob(string Name, string Script, string? Limit)
{
    private const string Expectation = "# expect: ";

    private static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "Jobs");

    public static IEnumerable<string> Names =>
        System
            .IO.Directory.EnumerateFiles(Directory, "*.sh")
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Order(StringComparer.Ordinal);

    public static HostileJob Read(string name)
    {
        var script = File.ReadAllText(Path.Combine(Directory, $"{name}.sh"));
        var expected = script.Split('\n').Single(line => line.StartsWith(Expectation, StringComparison.Ordinal))[Expectation.Length..];
        return expected.Split(' ') switch
        {
            ["held"] => new HostileJob(name, script, null),
            ["limit", var limit] => new HostileJob(name, script, limit),
            _ => throw new InvalidDataException($"{name}.sh: unknown expectation \"{expected}\""),
        };
    }
}
