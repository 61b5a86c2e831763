using Builder.Protocol.Values;

namespace Builder.Publishing.Packages;

/// <summary>The main binary of a build and where its bytes are.</summary>
/// <param name="Path">As the build left it, such as <c>bin/hello.deb</c>.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="StoredPath">The file with its bytes.</param>
public sealed record MainBinary(ArtifactPath Path, string Sha256, string StoredPath)
{
    public bool IsDebianPackage => HasExtension(".deb");

    public bool IsFreeBsdPackage => HasExtension(".pkg");

    private bool HasExtension(string extension) => Path.ToString().EndsWith(extension, StringComparison.Ordinal);
}
