using System.Runtime.InteropServices;

namespace Builder.Cli.Recording;

/// <summary>What this machine is, by the names and values of opam's global variables (opam manual, "Global variables").</summary>
internal sealed record HostFacts(string Os, string Distribution, string Version, string Family, string Architecture)
{
    private const string ReleaseFile = "/etc/os-release";

    public static HostFacts OfThisMachine()
    {
        var release = File.Exists(ReleaseFile) ? ReadRelease(File.ReadLines(ReleaseFile)) : [];
        var os =
            OperatingSystem.IsLinux() ? "linux"
            : OperatingSystem.IsFreeBSD() ? "freebsd"
            : OperatingSystem.IsMacOS() ? "macos"
            : RuntimeInformation.RuntimeIdentifier.Split('-')[0];
        var distribution = release.GetValueOrDefault("ID") ?? os;
        return new HostFacts(
            os,
            distribution,
            release.GetValueOrDefault("VERSION_ID") ?? Environment.OSVersion.Version.ToString(),
            release.GetValueOrDefault("ID_LIKE")?.Split(' ')[0] ?? distribution,
            RuntimeInformation.OSArchitecture switch
            {
                System.Runtime.InteropServices.Architecture.X64 => "x86_64",
                System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
                System.Runtime.InteropServices.Architecture.X86 => "x86_32",
                System.Runtime.InteropServices.Architecture.Arm => "arm32",
                System.Runtime.InteropServices.Architecture.RiscV64 => "riscv64",
                System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64",
                System.Runtime.InteropServices.Architecture.S390x => "s390x",
                var other => other.ToString().ToLowerInvariant(),
            }
        );
    }

    /// <summary>By the names in the artifact <c>build-environment</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables =>
        [
            new("OS", Os),
            new("OS_DISTRIBUTION", Distribution),
            new("OS_VERSION", Version),
            new("OS_FAMILY", Family),
            new("ARCH", Architecture),
        ];

    private static Dictionary<string, string> ReadRelease(IEnumerable<string> lines) =>
        lines
            .Select(static line => line.Split('=', 2))
            .Where(static parts => parts.Length == 2)
            .DistinctBy(static parts => parts[0])
            .ToDictionary(static parts => parts[0].Trim(), static parts => parts[1].Trim().Trim('"', '\''));
}
