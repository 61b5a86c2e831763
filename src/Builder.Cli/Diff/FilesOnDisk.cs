using System.Globalization;
using Builder.Analysis.Difference;
using Builder.Posix;

namespace Builder.Cli.Diff;

/// <summary>Types and owners of files in directories that are compared.</summary>
internal static class FilesOnDisk
{
    public static FileFacts? FactsOf(string path) =>
        EntryStatus.Of(path) is { } status
            ? new FileFacts(NameOf(status.Type), string.Create(CultureInfo.InvariantCulture, $"{status.User}:{status.Group}"))
            : null;

    private static string? NameOf(EntryType type) =>
        type switch
        {
            EntryType.NamedPipe => "named pipe",
            EntryType.Socket => "socket",
            EntryType.CharacterDevice => "character device",
            EntryType.BlockDevice => "block device",
            _ => null,
        };
}
