namespace Builder.Storage.Tests;

internal sealed class NoProgress : IProgress<string>
{
    public void Report(string value) { }
}
