namespace Builder.Publishing.Packages;

/// <summary>A package as a repository offers it.</summary>
/// <param name="Branch">The Debian distribution or the FreeBSD ABI.</param>
/// <param name="Sha256">Of the build's main binary, which the version ends with.</param>
public sealed record PublishedPackage(
    string Branch,
    string Name,
    string Version,
    string Architecture,
    string FileName,
    string? Job,
    string? BuildUuid,
    string? Sha256
);
