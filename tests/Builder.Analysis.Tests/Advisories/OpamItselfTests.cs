using System.Diagnostics;
using Builder.Analysis.Advisories;
using Builder.Testing;

namespace Builder.Analysis.Tests.Advisories;

/// <summary>
/// opam calculates the same by itself: for each advisory a package that depends on what is affected, and <c>opam list</c> says which
/// installed packages satisfy that.
/// </summary>
public sealed class OpamItselfTests : IDisposable
{
    // Beside the advisories: what no advisory has used yet.
    private static readonly string[] Constraints =
    [
        "\"ocaml\" {!= \"4.13.1\"}",
        "\"ocaml\" {>= \"4.13\" & < \"5.2\" & != \"4.14.2\"}",
        "\"ocaml\" {< \"4.13\" | > \"5.2.1\" | = \"4.14.2\"}",
        "\"tls\" {< \"1.0.2~\" | >= \"2.0.2\"}",
        "\"tls\" {(>= \"1.0.2~~\" & <= \"1.0.2\") | (> \"2\" & < \"2.0.10\")}",
        "\"mirage-crypto\" {>= \"1.0.0\" & (< \"1.1.1\" | >= \"1.2\" & < \"2.0.3\")}",
        "\"base\" {< \"v0.16\"}",
        "\"num\" {< \"1.5-2\" & > \"1.5\"}",
        "\"ocaml-config\" {= \"3\"}",
        "\"seq\" {>= \"0\"}",
        "\"base-unix\" {< \"1\"}",
        "\"zarith\" {> \"1.9\"}",
        "\"menhir\" {< \"20250101\"}",
        "\"dune\" {!= \"3.24.2\" & >= \"3\"}",
    ];

    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string> SwitchNames { get; } =
        new(Vectors.Files("opam/switches").Select(file => Path.GetFileNameWithoutExtension(file)));

    [Theory]
    [MemberData(nameof(SwitchNames))]
    public async Task What_applies_to_a_switch_is_what_opam_calculates(string name)
    {
        Requirement.Programs("opam");
        var packages = SwitchPackages.Of(Switches.Read(name)).Packages;
        var advisories = Samples.Read("advisories").Advisories.ToList();
        advisories.AddRange(Constraints.Select((constraint, index) => Samples.Opam(constraint) with { Id = $"CONSTRAINT-{index}" }));
        WriteRepository(packages);
        foreach (var file in Vectors.Files("advisories", "*.md"))
            WriteAdvisory(Path.GetFileNameWithoutExtension(file), Field(Vectors.ReadText(file)));
        foreach (var (index, constraint) in Constraints.Index())
            WriteAdvisory($"CONSTRAINT-{index}", constraint);
        await InitializeAsync(packages);

        var ours = new AdvisoryMatcher(advisories)
            .Match(packages)
            .ToLookup(match => match.Advisory.Id, match => $"{match.Package.Name}.{match.Package.Version}");

        await Parallel.ForEachAsync(
            advisories,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (advisory, _) =>
            {
                var expected = await OpamAsync("list", "--installed", "--short", "--columns=package", $"--required-by={advisory.Id}");
                Assert.Equal(
                    (
                        advisory.Id,
                        string.Join(' ', expected.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()))
                    ),
                    (advisory.Id, string.Join(' ', ours[advisory.Id]))
                );
            }
        );
        Assert.NotEmpty(ours);
    }

    public void Dispose() => directory.Dispose();

    private static string Field(string text) =>
        text.Split('\n').Single(line => line.StartsWith("affected:", StringComparison.Ordinal))["affected:".Length..];

    private void WriteRepository(IEnumerable<ContainedPackage> packages)
    {
        Directory.CreateDirectory(directory["repository/packages"]);
        File.WriteAllText(directory["repository/repo"], "opam-version: \"2.0\"\n");
        foreach (var package in packages)
            WritePackage(package.Name, package.Version!, "");
    }

    private void WriteAdvisory(string id, string affected) => WritePackage(id, "1", $"depends: [{affected}]\n");

    private void WritePackage(string name, string version, string fields)
    {
        var folder = directory[$"repository/packages/{name}/{name}.{version}"];
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "opam"), $"opam-version: \"2.0\"\n{fields}");
    }

    // Installing hundreds of packages takes an hour; the state of the switch says that they are.
    private async Task InitializeAsync(IEnumerable<ContainedPackage> packages)
    {
        await OpamAsync("init", "--no-setup", "--bare", "--disable-sandboxing", "--bypass-checks", "default", directory["repository"]);
        await OpamAsync("switch", "create", "s", "--empty");
        // opam knows one version of a name: the installed one, else the vendored one.
        var installed = packages
            .OrderBy(package => package.Way == PackageWay.Vendored)
            .DistinctBy(package => package.Name)
            .Select(package => $"\"{package.Name}.{package.Version}\"");
        await File.WriteAllTextAsync(
            directory["root/s/.opam-switch/switch-state"],
            $"opam-version: \"2.0\"\ninstalled: [{string.Join(' ', installed)}]\n",
            TestContext.Current.CancellationToken
        );
    }

    private async Task<string> OpamAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("opam", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["OPAMROOT"] = directory["root"],
                ["OPAMROOTISOK"] = "1",
                ["OPAMCOLOR"] = "never",
                ["OPAMSWITCH"] = arguments[0] == "list" ? "s" : "",
                ["HOME"] = directory.Path,
            },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0 || arguments[0] == "list", await error);
        return output;
    }
}
