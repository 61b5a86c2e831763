using System.Diagnostics;
using System.Text.Json;
using Builder.Cli.Tests.Parsing;
using Builder.Testing;

namespace Builder.Cli.Tests.Packaging;

/// <summary>The manifests of packaging/kubernetes, by the published schemas and by our own command line. No cluster runs them here.</summary>
[Collection(CommandTrees.Name)]
public sealed class KubernetesTests
{
    private static readonly string Manifests = Path.Combine(Repository, "packaging", "kubernetes");

    private static readonly (string File, string Right, string Wrong, string Problem)[] Mistakes =
    [
        ("server.yaml", "replicas: 2", "replicas: two", "StatefulSet builder-server: data/spec/replicas must be integer"),
        ("server.yaml", "clusterIP: None", "clusterIp: None", "'\"clusterIp\"' does not exist in type"),
        ("worker.yaml", "pollingInterval:", "polingInterval:", "'\"polingInterval\"' does not exist in type 'IScaledJobSpec'"),
        ("web.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "Deployment builder-web: pods may be root"),
        ("web.yaml", "{name: tmp, mountPath: /tmp}", "{name: temp, mountPath: /tmp}", "mounts temp, which is no volume"),
        ("network.yaml", "protocol: TCP, port: 1234", "protocol: TCP, port: []", "NetworkPolicy builder-server: data/spec/ingress"),
        ("kustomization.yaml", "  - namespace.yaml\n", "", "its resources are not the files that are there"),
    ];

    [Fact]
    public async Task They_are_what_the_schemas_allow_and_their_containers_run_commands_of_this_program()
    {
        var line = EveryOption.Open("builder");

        var (problems, commands) = await CheckAsync(Manifests);

        Assert.Empty(problems);
        Assert.Equal(7, commands.Count);
        Assert.All(commands, words => Assert.Null(line.Refusal(words)));
    }

    [Fact]
    public async Task Each_mistake_in_one_is_found()
    {
        using var directory = new TemporaryDirectory();
        foreach (var path in Directory.EnumerateFiles(Manifests))
        {
            var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            foreach (var (_, right, wrong, _) in Mistakes.Where(mistake => mistake.File == Path.GetFileName(path)))
            {
                Assert.Contains(right, text, StringComparison.Ordinal);
                text = text.Replace(right, wrong, StringComparison.Ordinal);
            }
            await File.WriteAllTextAsync(directory[Path.GetFileName(path)], text, TestContext.Current.CancellationToken);
        }

        var (problems, _) = await CheckAsync(directory.Path);

        Assert.All(Mistakes, mistake => Assert.Contains(problems, found => found.Contains(mistake.Problem, StringComparison.Ordinal)));
    }

    private static async Task<(IReadOnlyList<string> Problems, IReadOnlyList<string[]> Commands)> CheckAsync(string directory)
    {
        Requirement.Programs("node");
        var modules = Path.Combine(Repository, "artifacts", "node", "node_modules");
        Requirement.Met(
            Directory.Exists(Path.Combine(modules, "kubernetes-models")),
            "the packages of tests/Builder.Proof.Tests/Node are not installed: ./test installs them with npm"
        );
        var start = new ProcessStartInfo(
            "node",
            [Path.Combine(Repository, "tests", "Builder.Proof.Tests", "Node", "kubernetes.mjs"), directory]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_PATH"] = modules;
        using var node = Process.Start(start)!;
        var complaints = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await complaints);
        using var answer = JsonDocument.Parse(output);
        return (
            [.. answer.RootElement.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString()!)],
            [
                .. answer
                    .RootElement.GetProperty("commands")
                    .EnumerateArray()
                    .Select(static words => words.EnumerateArray().Select(static word => word.GetString()!).ToArray()),
            ]
        );
    }

    private static string Repository
    {
        get
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Builder.slnx")))
                directory =
                    Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests were moved out of the clone");
            return directory;
        }
    }
}
