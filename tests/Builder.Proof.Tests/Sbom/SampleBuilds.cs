using System.IO.Compression;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Analysis.Values;
using Builder.Proof.Sbom;
using Builder.Testing;

namespace Builder.Proof.Tests.Sbom;

/// <summary>Builds with the switches of the vectors.</summary>
internal static class SampleBuilds
{
    public static IEnumerable<string> Switches =>
        Vectors.Files("opam/switches", "*.opam-switch").Concat(Vectors.Files("sbom/switches", "*.gz"));

    public static SbomBuild Of(string switchFile) => Build with { Switch = ReadSwitch(switchFile) };

    public static SbomBuild Build { get; } =
        new()
        {
            Job = "dns-primary-git",
            Uuid = Guid.Parse("ebb1da61-3d6b-4100-8692-7bfe1ea5bb87"),
            Platform = "debian-12",
            Started = DateTimeOffset.Parse("2026-11-26T04:00:00.5Z", System.Globalization.CultureInfo.InvariantCulture),
            Finished = DateTimeOffset.Parse("2026-11-26T04:10:00.9Z", System.Globalization.CultureInfo.InvariantCulture),
            Main = new SbomFile("bin/dns-primary-git.hvt", Sha256Digest.Of("main binary"u8), 11),
            SystemPackages =
            [
                new NamedVersion("gcc", "4:12.2.0-3+b1"),
                new NamedVersion("libc6:amd64", "2.36-9+deb12u10"),
                new NamedVersion("libstdc++6", "12.2.0-14"),
            ],
            Inputs = [new SbomFile("control", Sha256Digest.Of("control"u8), null)],
            Page = new Uri("https://builds.example/job/dns-primary-git/build/ebb1da61-3d6b-4100-8692-7bfe1ea5bb87"),
        };

    private static SwitchExport ReadSwitch(string file)
    {
        if (!file.EndsWith(".gz", StringComparison.Ordinal))
            return SwitchExport.Parse(Vectors.Read(file), file);
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(Vectors.Open(file), CompressionMode.Decompress))
            gzip.CopyTo(content);
        return SwitchExport.Parse(content.ToArray(), file);
    }
}
