using System.Text;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Local;
using Builder.Worker.Options;
using Builder.Worker.Probing;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests.Local;

public sealed class LocalBuildTests
{
    private const string Script = """
        #!/bin/sh
        echo "in $(cat "$BUILDER_RECORDED/build-environment")"
        (echo x > "$BUILDER_RECORDED/other") 2>/dev/null && echo wrote to what was recorded
        mkdir -p bin; printf result > bin/main; printf '%s' "$DATE" > date
        """;

    [Theory]
    [InlineData(SandboxKind.None)]
    [InlineData(SandboxKind.Bubblewrap)]
    public async Task A_script_runs_with_what_was_recorded_and_its_files_are_handed_over(SandboxKind sandbox)
    {
        using var directory = new TemporaryDirectory();
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        var isolation = new IsolationOptions { Sandbox = sandbox };
        if (sandbox != SandboxKind.None)
        {
            var supervisor = SelfExecution.Command(SelfExecution.SupervisorVerb);
            var tier = await IsolationProbe.RunAsync(isolation, supervisor, directory["try"], TestContext.Current.CancellationToken);
            Assert.SkipUnless(tier.IsSandboxed, tier.Reason);
        }
        using var console = new MemoryStream();
        var saved = new Dictionary<string, string>();

        var result = await LocalBuild.RunAsync(
            new LocalBuildOptions
            {
                Script = ByteString.FromUtf8(Script),
                Recorded = new Dictionary<string, ByteString> { ["build-environment"] = ByteString.FromUtf8("recorded=1\n") },
                Environment = ["DATE=42"],
                Isolation = isolation,
                WorkDirectory = directory["work"],
            },
            console,
            async (path, content, stop) =>
            {
                using var reader = new StreamReader(content);
                saved.Add(path.ToString(), await reader.ReadToEndAsync(stop));
            },
            TestContext.Current.CancellationToken
        );

        Assert.True(result.Succeeded, result.Result.ToString());
        Assert.StartsWith("in recorded=1\n", Encoding.UTF8.GetString(console.ToArray()), StringComparison.Ordinal);
        if (sandbox != SandboxKind.None)
            Assert.DoesNotContain("wrote", Encoding.UTF8.GetString(console.ToArray()), StringComparison.Ordinal);
        Assert.Equal(new Dictionary<string, string> { ["bin/main"] = "result", ["date"] = "42" }, saved);
        Assert.Equal(["bin/main", "date"], result.Artifacts.Select(static path => path.ToString()));
        Assert.Equal(sandbox != SandboxKind.None, result.Tier.IsSandboxed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["work"]));
    }
}
