using Builder.Protocol.Values;

namespace Builder.Cli.Up;

/// <summary>The platform that workers on this machine build for, such as <c>debian-12</c>, from os-release(5).</summary>
internal static class LocalPlatform
{
    private static readonly string[] Files = ["/etc/os-release", "/usr/lib/os-release"];

    public static Platform Detect() =>
        Files.FirstOrDefault(File.Exists) is { } file && Platform.TryParse(NameFrom(File.ReadLines(file)), out var platform, out _)
            ? platform
            : Platform.Parse(OperatingSystem.IsFreeBSD() ? $"freebsd-{Environment.OSVersion.Version.Major}" : "local");

    /// <summary><c>ID-VERSION_ID</c>, or the <c>ID</c> alone for systems without releases.</summary>
    internal static string NameFrom(IEnumerable<string> osRelease)
    {
        var fields = osRelease
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0].Trim(), pair => pair[1].Trim().Trim('"', '\''));
        var id = fields["ID"].FirstOrDefault("");
        var version = fields["VERSION_ID"].FirstOrDefault("");
        return version.Length == 0 ? id : $"{id}-{version}";
    }
}
