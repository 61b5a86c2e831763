namespace Builder.Analysis.Opam;

/// <summary>What a package's installation added.</summary>
/// <param name="Path">Below the switch.</param>
/// <param name="Digest">MD5 for a file that opam tracked precisely (OPAMPRECISETRACKING=1), else size and time; the target for a link.</param>
public sealed record InstalledFile(string Path, InstalledFileKind Kind, string Digest);
