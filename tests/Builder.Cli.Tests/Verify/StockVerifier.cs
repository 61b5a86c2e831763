using Builder.Testing;

namespace Builder.Cli.Tests.Verify;

/// <summary>Verifiers of others.</summary>
internal static class StockVerifier
{
    /// <returns>Output and errors together.</returns>
    public static async Task<(int ExitCode, string Output)> CosignAsync(params IEnumerable<string> arguments)
    {
        var stop = TestContext.Current.CancellationToken;
        using var home = new TemporaryDirectory();
        return await StockProgram.RunAsync(await StockProgram.FindAsync("cosign", stop), arguments, stop, home.Path);
    }
}
