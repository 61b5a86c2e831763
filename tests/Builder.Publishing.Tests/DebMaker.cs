using System.Globalization;
using System.Security.Cryptography;
using Builder.Protocol.Values;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Tests;

/// <summary>Real packages, made by dpkg-deb, and the builds that left them.</summary>
internal static class DebMaker
{
    public static async Task<string> MakeAsync(
        string directory,
        string name = "hello",
        string version = "1.0.0",
        string architecture = "all",
        string compression = "xz",
        string content = "hello",
        string more = ""
    )
    {
        Directory.CreateDirectory(directory);
        var tree = Path.Combine(directory, $"tree-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path.Combine(tree, "DEBIAN"));
        Directory.CreateDirectory(Path.Combine(tree, "usr/share", name));
        await File.WriteAllTextAsync(Path.Combine(tree, "usr/share", name, "greeting"), content);
        await File.WriteAllTextAsync(
            Path.Combine(tree, "DEBIAN/control"),
            $"""
            Package: {name}
            Version: {version}
            Architecture: {architecture}
            Maintainer: Tests <tests@example.org>
            {more}Description: a greeting
             with a second line
             .
             and a third

            """
        );
        var deb = Path.Combine(directory, $"{Guid.NewGuid():N}.deb");
        await Tools.SucceedAsync(
            "dpkg-deb",
            ["--root-owner-group", "--uniform-compression", $"-Z{compression}", "--nocheck", "--build", tree, deb]
        );
        Directory.Delete(tree, recursive: true);
        return deb;
    }

    public static PublishableBuild Build(string file, string started, string platform = "debian-12", string job = "hello-deb") =>
        new(
            BuildUuid.NewRandom(),
            JobName.Parse(job),
            Platform.Parse(platform),
            Time(started),
            new ExecutionResult.Exited(0),
            new MainBinary(ArtifactPath.Parse($"bin/{Path.GetFileName(file)}"), Sha256(file), file)
        );

    public static Timestamp Time(string text) =>
        Timestamp.From(DateTimeOffset.ParseExact(text, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    public static string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
