using System.Globalization;
using Builder.Posix;
using Builder.Storage.Troubles;

namespace Builder.Storage.Migrations;

/// <summary>
/// Moves what only this program knows out of the data directory, to <c>DATADIR.rolled-back</c> beside it, and back. Nothing is deleted, nothing
/// replaced. All is renamed within one file system, so that a crash leaves each thing in one place or the other.
/// </summary>
internal sealed class SetAside(MigrationContext context)
{
    private const string Suffix = ".rolled-back";
    private const string Trial = "_migrating-trial";

    /// <summary>The data directory itself, where its name is a link.</summary>
    private readonly string root = Path.TrimEndingDirectorySeparator(
        new DirectoryInfo(context.Directory.Root).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? context.Directory.Root
    );

    /// <summary>An empty directory beside the data directory, and on its file system.</summary>
    /// <returns>Its name; null where there is nothing to be moved.</returns>
    /// <exception cref="SchemaException">There can be none; the message says what to do.</exception>
    public string? MakePlace()
    {
        context.Files.DeleteDirectory(Path.Combine(root, Trial));
        if (!OwnEntries.In(root).Any())
            return null;
        var place = Enumerable.Range(1, int.MaxValue - 1).Select(Numbered).First(IsFree);
        try
        {
            CreateDirectory(place);
            // A rename that works once works for all.
            context.Files.DeleteDirectory(Path.Combine(place, Trial));
            context.Files.CreateDirectory(Path.Combine(root, Trial));
            context.Files.Move(Path.Combine(root, Trial), Path.Combine(place, Trial));
            context.Files.DeleteDirectory(Path.Combine(place, Trial));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            context.Files.DeleteDirectory(Path.Combine(root, Trial));
            throw new SchemaException(
                $"cannot move files from {root} to {place}: {exception.Message}; create {place} on the same file system for the user who runs this, or use --keep to leave Builder's files in place",
                exception
            );
        }
        return Path.GetFileName(place);
    }

    /// <param name="place">What <see cref="MakePlace"/> returned.</param>
    public void MoveOut(string place)
    {
        var target = Path.Combine(Path.GetDirectoryName(root)!, place);
        foreach (var (name, paths) in OwnEntries.In(root).ToList())
        {
            foreach (var path in paths)
                Move(Path.Combine(root, path), Path.Combine(target, path));
            context.Progress.Report($"moved to {target}: {name}");
        }
    }

    /// <summary>Takes back from all such directories, the newest first, what still has a place here.</summary>
    public void TakeBack()
    {
        foreach (var place in Places())
        {
            foreach (var (name, paths) in OwnEntries.In(place).ToList())
            {
                var taken = paths.Where(path => HasPlace(path)).ToList();
                foreach (var path in taken)
                    Move(Path.Combine(place, path), Path.Combine(root, path));
                context.Progress.Report(taken.Count == paths.Count ? $"taken back from {place}: {name}" : $"stays in {place}: {name}");
            }
            DeleteEmpty(place);
        }
    }

    private List<string> Places()
    {
        var parent = Path.GetDirectoryName(root);
        if (parent is null)
            return [];
        var first = Path.GetFileName(root) + Suffix;
        return
        [
            .. Directory
                .EnumerateDirectories(parent, first + "*")
                .Select(path => (Path: path, Number: NumberOf(Path.GetFileName(path)[first.Length..])))
                .Where(place => place.Number > 0 && OwnEntries.IsDirectory(place.Path))
                .OrderByDescending(place => place.Number)
                .Select(place => place.Path),
        ];
    }

    private static int NumberOf(string end) =>
        end.Length == 0 ? 1
        : end[0] == '-' && int.TryParse(end.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 1
            ? number
        : 0;

    private string Numbered(int number) => root + Suffix + (number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{number}"));

    private static bool IsFree(string path) =>
        !OwnEntries.Exists(path)
        || (OwnEntries.IsDirectory(path) && Directory.EnumerateFileSystemEntries(path).All(entry => Path.GetFileName(entry) == Trial));

    /// <summary>A build that was removed meanwhile has no directory; what came anew in the meantime counts.</summary>
    private bool HasPlace(string path)
    {
        var target = Path.Combine(root, path);
        return !OwnEntries.Exists(target) && (path.StartsWith('_') || Directory.Exists(Path.GetDirectoryName(target)));
    }

    private void Move(string from, string to)
    {
        CreateDirectory(Path.GetDirectoryName(to)!);
        context.Files.Move(from, to);
    }

    private void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        CreateDirectory(Path.GetDirectoryName(path)!);
        context.Files.CreateDirectory(path);
        // The operator who goes back may be root, the one who comes again not.
        FileOwner.CopyTo(path, root);
    }

    private void DeleteEmpty(string directory)
    {
        foreach (var path in Directory.EnumerateDirectories(directory).Where(OwnEntries.IsDirectory))
        {
            foreach (var inner in Directory.EnumerateDirectories(path).Where(OwnEntries.IsDirectory))
                context.Files.DeleteDirectoryIfEmpty(inner);
            context.Files.DeleteDirectoryIfEmpty(path);
        }
        context.Files.DeleteDirectoryIfEmpty(directory);
    }
}
