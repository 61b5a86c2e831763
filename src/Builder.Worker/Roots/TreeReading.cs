namespace Builder.Worker.Roots;

/// <summary>A directory tree as it was when it was read.</summary>
/// <param name="Sha256">Its digest, see docs/executors.md: 64 lower-case hexadecimal digits.</param>
/// <param name="State">Of sizes, inode numbers and times of change; equal as long as nothing was changed.</param>
/// <param name="Entries">Files, directories and links.</param>
public sealed record TreeReading(string Sha256, string State, int Entries);
