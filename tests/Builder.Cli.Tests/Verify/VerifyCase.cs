using Builder.Cli.Verify;
using Builder.Testing;

namespace Builder.Cli.Tests.Verify;

/// <summary>A run of <c>builder verify</c> with files in a directory of its own.</summary>
internal sealed class VerifyCase : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public VerifyCase() => Network = new SampleNetwork(Site);

    public SampleSite Site { get; } = new();

    public SampleNetwork Network { get; }

    public string StateDirectory => _directory["state"];

    public string File(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(_directory[name], content);
        return _directory[name];
    }

    public string PublicKey => File("builder.pub", System.Text.Encoding.ASCII.GetBytes(Site.Key.PublicKey.ToPem()));

    public string TrustedRoot => File("trusted_root.json", Site.TrustedRootJson());

    public VerifyOptions Options(string target) =>
        new()
        {
            Target = target,
            StateDirectory = StateDirectory,
            Network = Network,
        };

    public async Task<(int ExitCode, string Output)> RunAsync(VerifyOptions options)
    {
        var output = new StringWriter();
        var code = await VerifyRun.RunAsync(options, output, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }

    public void Dispose()
    {
        Site.Dispose();
        Network.Dispose();
        _directory.Dispose();
    }
}
