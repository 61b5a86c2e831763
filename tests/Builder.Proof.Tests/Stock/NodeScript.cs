using Builder.Testing;

namespace Builder.Proof.Tests.Stock;

/// <summary>A script of the folder <c>Node</c> with the packages of its lock file, which <c>./test</c> installs.</summary>
internal static class NodeScript
{
    public static async Task<(int ExitCode, string Output)> RunAsync(string script, params IEnumerable<string> arguments)
    {
        Requirement.Programs("node");
        var modules = Path.Combine(Repository, "artifacts", "node", "node_modules");
        Requirement.Met(
            Directory.Exists(modules),
            "the packages of tests/Builder.Proof.Tests/Node are not installed: ./test installs them with npm"
        );
        return await InstalledProgram.RunAsync(
            "node",
            [Path.Combine(Repository, "tests", "Builder.Proof.Tests", "Node", script), .. arguments],
            environment: KeyValuePair.Create("NODE_PATH", modules)
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
