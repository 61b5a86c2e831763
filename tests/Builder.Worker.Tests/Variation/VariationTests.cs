using System.Globalization;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Local;
using Builder.Worker.Options;
using Builder.Worker.Probing;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests.Variation;

/// <summary>A job that prints what it sees proves each variation, and that nothing else changes.</summary>
public sealed class VariationTests
{
    private const string Script = """
        #!/bin/sh
        say() { printf '%s=%s\n' "$1" "$2"; }
        say time "$(date -u +%s)"
        say path "$(pwd)"
        say hostname "$(uname -n)"
        say user "$(id -un) $(id -u) $HOME $USER"
        say locale "$LC_ALL"
        say timezone "$TZ $(date +%z)"
        say umask "$(umask)"
        say cpus "$(nproc)"
        : > b; : > a; : > c
        say fileorder "$(ls -U | tr '\n' ' ')"
        say kernel "$(uname -r)"
        printf '%s' done > bin
        """;

    [Theory]
    [InlineData(SandboxKind.None, Variations.Path | Variations.Hostname | Variations.User | Variations.FileOrder)]
    [InlineData(SandboxKind.Bubblewrap, Variations.None)]
    public async Task Each_variation_alone_changes_what_a_job_sees_and_nothing_else(SandboxKind sandbox, Variations left)
    {
        Requirement.Programs("faketime", "disorderfs", "taskset", "setarch");
        Assert.SkipUnless(Environment.ProcessorCount > 1, "one processor cannot be varied");
        using var directory = await DirectoryAsync(sandbox);
        var (usual, _) = await SeeAsync(directory, sandbox, Variations.None);

        foreach (var variation in VariationNames.Each(VariationNames.All & ~left))
        {
            var (seen, report) = await SeeAsync(directory, sandbox, variation);

            Assert.Equal((variation, 0), (report.Made, report.Missing.Count));
            var name = VariationNames.Write(variation);
            Assert.True(Differs(name, usual[name], seen[name]), $"{name} is {seen[name]} as always");
            foreach (var other in VariationNames.Of(VariationNames.All & ~variation & ~left))
                Assert.False(Differs(other, usual[other], seen[other]), $"{name} changes {other} from {usual[other]} to {seen[other]}");
        }
    }

    [Fact]
    public async Task All_variations_together_leave_the_same_files()
    {
        Requirement.Programs("faketime", "disorderfs", "taskset", "setarch");
        Assert.SkipUnless(Environment.ProcessorCount > 1, "one processor cannot be varied");
        using var directory = await DirectoryAsync(SandboxKind.Bubblewrap);

        var (seen, report) = await SeeAsync(directory, SandboxKind.Bubblewrap, VariationNames.All);

        Assert.Equal(VariationNames.All, report.Made);
        Assert.Equal("/tmp/another/place/for/the/build", seen["path"]);
        Assert.Equal("elsewhere", seen["hostname"]);
        Assert.Equal("tester 1234 /tmp/home-of-tester tester", seen["user"]);
        Assert.Equal("0002", seen["umask"]);
        Assert.Equal("1", seen["cpus"]);
        Assert.StartsWith("script.sh ", seen["fileorder"], StringComparison.Ordinal);
        Assert.StartsWith("2.6.", seen["kernel"], StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["work"]));
    }

    [Fact]
    public async Task Without_a_sandbox_the_variations_that_need_one_are_named()
    {
        using var directory = await DirectoryAsync(SandboxKind.None);

        var (_, report) = await SeeAsync(
            directory,
            SandboxKind.None,
            Variations.Hostname | Variations.User | Variations.FileOrder | Variations.Umask
        );

        Assert.Equal("umask", VariationNames.Write(report.Made));
        Assert.Equal("hostname:no-sandbox,user:no-sandbox,fileorder:no-sandbox", report.WriteMissing());
    }

    private static bool Differs(string name, string usual, string seen) =>
        name == "time"
            ? Math.Abs(long.Parse(seen, CultureInfo.InvariantCulture) - long.Parse(usual, CultureInfo.InvariantCulture)) > 3600
            : usual != seen;

    private static async Task<TemporaryDirectory> DirectoryAsync(SandboxKind sandbox)
    {
        var directory = new TemporaryDirectory();
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        if (sandbox == SandboxKind.None)
            return directory;
        var supervisor = SelfExecution.Command(SelfExecution.SupervisorVerb);
        var tier = await IsolationProbe.RunAsync(
            new IsolationOptions { Sandbox = sandbox },
            supervisor,
            directory["try"],
            TestContext.Current.CancellationToken
        );
        Assert.SkipUnless(tier.IsSandboxed, tier.Reason);
        return directory;
    }

    /// <summary>What the job printed, by name.</summary>
    private static async Task<(Dictionary<string, string> Seen, VariationReport Report)> SeeAsync(
        TemporaryDirectory directory,
        SandboxKind sandbox,
        Variations vary
    )
    {
        using var console = new MemoryStream();
        var saved = new List<string>();
        var result = await LocalBuild.RunAsync(
            new LocalBuildOptions
            {
                Script = ByteString.FromUtf8(Script),
                Vary = vary,
                Isolation = new IsolationOptions { Sandbox = sandbox },
                WorkDirectory = directory["work"],
            },
            console,
            (path, _, _) =>
            {
                saved.Add(path.ToString());
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken
        );
        var printed = System.Text.Encoding.UTF8.GetString(console.ToArray());
        Assert.True(result.Succeeded, $"{result.Result}: {printed}");
        Assert.Equal(["a", "b", "bin", "c"], saved);
        return (
            printed
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]),
            result.Variations
        );
    }
}
