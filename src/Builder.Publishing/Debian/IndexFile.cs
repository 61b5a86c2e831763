namespace Builder.Publishing.Debian;

/// <summary>A file that <c>Release</c> vouches for.</summary>
/// <param name="Path">Relative to the distribution.</param>
internal sealed record IndexFile(string Path, long Size, string Sha256);
