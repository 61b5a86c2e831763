namespace Builder.Cli.Db;

/// <summary>Progress for people: a line each, at once and in order, on standard error.</summary>
internal sealed class LineProgress : IProgress<string>
{
    public void Report(string value) => Console.Error.WriteLine(value);
}
