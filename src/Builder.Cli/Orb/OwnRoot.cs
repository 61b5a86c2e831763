namespace Builder.Cli.Orb;

/// <summary>An opam root that this process made for one build.</summary>
internal static class OwnRoot
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whether a root can be made at this path: nothing is there, or an empty directory.</summary>
    public static bool CanBeAt(string path) =>
        !Path.Exists(path) || (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any());

    /// <summary>Opam leaves directories that even their owner cannot write to.</summary>
    public static void Remove(string path)
    {
        foreach (
            var directory in Directory.EnumerateDirectories(
                path,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    AttributesToSkip = FileAttributes.ReparsePoint,
                    IgnoreInaccessible = false,
                }
            )
        )
            File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | Owner);
        Directory.Delete(path, recursive: true);
    }
}
