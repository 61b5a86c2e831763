using System.Text;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;
using Builder.Analysis.Values;
using Builder.Proof.Sbom;
using Builder.Proof.Tests.Stock;
using Builder.Protocol.Messages;
using Builder.Testing;

namespace Builder.Proof.Tests.Sbom;

/// <summary>Documents of Builder in the hands of the validators that their formats' authors wrote.</summary>
public sealed class SbomValidationTests
{
    private static string Schema => Vectors.PathOf("sbom/spdx-2.3-schema.json");

    [Fact]
    public async Task Documents_of_every_switch_are_valid()
    {
        using var folder = new TemporaryDirectory();
        var files = SampleBuilds.Switches.SelectMany(file => Write(folder, Path.GetFileName(file), SampleBuilds.Of(file))).ToList();
        Assert.True(files.Count >= 24);

        await AssertValidAsync(files);
    }

    [Fact]
    public async Task Documents_of_builds_without_a_switch_are_valid()
    {
        using var folder = new TemporaryDirectory();
        var files = new List<string>();
        foreach (var file in Vectors.Files("full", "*.full"))
        {
            var exec = ExecCodec.Decode(Vectors.Read(file));
            if (
                exec.Output.FirstOrDefault(artifact => artifact.Path.ToString().StartsWith("bin/", StringComparison.Ordinal))
                is not { } main
            )
                continue;
            files.AddRange(
                Write(
                    folder,
                    Path.GetFileName(file),
                    new SbomBuild
                    {
                        Job = exec.Job.Name.ToString(),
                        Uuid = Guid.Parse(exec.Uuid.ToString()),
                        Platform = exec.Job.Platform.ToString(),
                        Finished = exec.Finished.ToDateTimeOffset(),
                        Main = new SbomFile(main.Path.ToString(), Sha256Digest.Of(main.Data.Span), main.Data.Length),
                    }
                )
            );
        }
        Assert.NotEmpty(files);

        await AssertValidAsync(files);
    }

    [Fact]
    public async Task Documents_with_hostile_names_are_valid()
    {
        using var folder = new TemporaryDirectory();
        var export = SwitchExport.Parse(
            Encoding.UTF8.GetBytes(
                """
                opam-version: "2.0"
                roots: ["r.1"]
                installed: ["r.1" "a+b.1%2F@?#" "a_b.<script>" "A_B.1" "conf-x.\x01\x02" "odd.1"]
                package "r" { version: "1" depends: ["a+b" "a_b" {build} "A_B" "conf-x" ("odd" | "no")]
                  x-opam-monorepo-duniverse-dirs: [["javascript:alert(1)" "../../etc" ["md5=d41d8cd98f00b204e9800998ecf8427e"]]
                    ["https://e.example/x y-1.0.tbz" "dir" []] ["https://e.example/\"-2.0.tbz" "di r"]] }
                package "a+b" { license: ["MIT" "nonsense licence" "(ISC OR mit)"] url { src: "git+https://e.example/a.git#abc" } }
                package "a_b" { license: "\"<&>" url { src: "file:///etc/passwd" checksum: "md5=d41d8cd98f00b204e9800998ecf8427e" } }
                package "A_B" { license: "" dev-repo: "not a url" }
                package "odd" { license: "GPL-2.0-or-later WITH bison-exception-2.2 OR (MIT AND ISC)" }
                """
            ),
            "hostile"
        );
        var build = SampleBuilds.Build with
        {
            Job = "j\u202e\u0000",
            Switch = export,
            Page = null,
            Started = null,
            Finished = null,
            Inputs = [.. Enumerable.Range(0, 3).Select(_ => SampleBuilds.Build.Inputs[0])],
            Vulnerabilities =
            [
                new SbomVulnerability(
                    "OSEC-2026-17",
                    new Uri("https://osec.example/OSEC-2026-17"),
                    [PackageUrl.Opam("odd", "1")],
                    "not_affected",
                    "code_not_present",
                    "The module is not linked."
                ),
            ],
        };

        await AssertValidAsync(Write(folder, "hostile", build));
    }

    [Fact]
    public async Task Bad_documents_are_refused()
    {
        var answers = await ValidateAsync([
            Vectors.PathOf("sbom/sample.cdx.json"),
            Vectors.PathOf("sbom/bad.cdx.json"),
            Vectors.PathOf("sbom/sample.spdx.json"),
            Vectors.PathOf("sbom/bad.spdx.json"),
        ]);

        Assert.Equal("valid", answers[0]);
        Assert.Contains("hash-alg", answers[1], StringComparison.Ordinal);
        Assert.Equal("valid", answers[2]);
        Assert.NotEqual("valid", answers[3]);
    }

    private static string[] Write(TemporaryDirectory folder, string name, SbomBuild build)
    {
        var document = SbomDocument.Of(build);
        var (cyclonedx, spdx) = (Path.Combine(folder.Path, name + ".cdx.json"), Path.Combine(folder.Path, name + ".spdx.json"));
        File.WriteAllBytes(cyclonedx, document.ToCycloneDx());
        File.WriteAllBytes(spdx, document.ToSpdx());
        return [cyclonedx, spdx];
    }

    private static async Task AssertValidAsync(IReadOnlyList<string> files) =>
        Assert.All((await ValidateAsync(files)).Zip(files), answer => Assert.Equal(("valid", answer.Second), answer));

    private static async Task<List<string>> ValidateAsync(IReadOnlyList<string> files)
    {
        var (exitCode, output) = await NodeScript.RunAsync("validate-sbom.cjs", [Schema, .. files]);
        Assert.True(exitCode == 0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(files.Count, lines.Length);
        return [.. lines.Select(line => line.Split('\t')[1])];
    }
}
