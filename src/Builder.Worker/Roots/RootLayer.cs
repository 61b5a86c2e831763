using System.Text;
using Builder.Worker.Native;

namespace Builder.Worker.Roots;

/// <summary>
/// What a job writes over a <see cref="RootTree"/>: an overlay in a mount namespace that ends with the job, and a directory for its upper layer that
/// goes with the job's directory.
/// </summary>
internal sealed class RootLayer
{
    // $1: the layer's directory, $2: the tree, $3: more options. Relative names, as commas and colons divide the options of an overlay.
    private const string Mount = """
        cd "$1" && mount --bind "$2" lower && mount -t overlay overlay -o "lowerdir=lower,upperdir=upper,workdir=work$3" merged || exit 125
        cd / && shift 3 && exec "$@"
        """;

    private const UnixFileMode Usual =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    private const UnixFileMode ForReading =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly RootTree tree;
    private readonly string directory;

    /// <param name="directory">Where the layer is made; gone with the job.</param>
    public RootLayer(RootTree tree, string directory)
    {
        this.tree = tree;
        this.directory = directory;
        foreach (var name in (string[])["", "lower", "upper", "work", "merged"])
            MakeDirectory(Path.Combine(directory, name));
        CopyOwnerAndMode(tree.Path, Upper);
    }

    /// <summary>Where the job's root directory is seen in the mount namespace.</summary>
    public string Merged => Path.Combine(directory, "merged");

    private string Upper => Path.Combine(directory, "upper");

    /// <summary>Runs the command that comes after it where <see cref="Merged"/> is mounted.</summary>
    /// <param name="unshare">Path of unshare(1).</param>
    /// <param name="asRoot">False for a worker that is not root, whose overlay needs a user namespace: there it writes no files of other users.</param>
    public IReadOnlyList<string> Prefix(string unshare, bool asRoot) =>
        [
            unshare,
            .. asRoot ? [] : (string[])["--user", "--map-root-user"],
            "--mount",
            "--propagation",
            "private",
            "--",
            "/bin/sh",
            "-c",
            Mount,
            "sh",
            directory,
            tree.Path,
            asRoot ? "" : ",userxattr",
        ];

    /// <summary>Has a directory or a file at a path where something is mounted later; one of the tree serves, a link does not.</summary>
    public void AddPlace(string path, bool isDirectory)
    {
        if (isDirectory)
            AddDirectories(path);
        else if (!IsInTree(path, isDirectory: false))
            AddFile(path, []);
    }

    /// <summary>Has a file, in place of one of the tree.</summary>
    public void AddFile(string path, ReadOnlySpan<byte> content)
    {
        AddDirectories(Path.GetDirectoryName(path)!);
        var upper = Upper + path;
        File.WriteAllBytes(upper, content);
        File.SetUnixFileMode(upper, ForReading);
    }

    private void AddDirectories(string path)
    {
        var current = "";
        var isInTree = true;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            current += "/" + part;
            isInTree = isInTree && IsInTree(current, isDirectory: true);
            if (Directory.Exists(Upper + current))
                continue;
            MakeDirectory(Upper + current);
            if (isInTree)
                CopyOwnerAndMode(tree.Path + current, Upper + current);
        }
    }

    /// <summary>Whether each directory of the path is one in the tree, and no link: a link could lead out of it.</summary>
    private bool IsInTree(string path, bool isDirectory)
    {
        var full = tree.Path + path;
        for (var parent = Path.GetDirectoryName(full)!; parent.Length > tree.Path.Length; parent = Path.GetDirectoryName(parent)!)
        {
            if (new DirectoryInfo(parent) is not { Exists: true, LinkTarget: null })
                return false;
        }
        return isDirectory
            ? new DirectoryInfo(full) is { Exists: true, LinkTarget: null }
            : new FileInfo(full) is { Exists: true, LinkTarget: null };
    }

    private static void MakeDirectory(string path)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Usual); // whatever the umask
    }

    private static unsafe void CopyOwnerAndMode(string from, string to)
    {
        const int AT_FDCWD = -100;
        const uint STATX_BASIC_STATS = 0x7ff;
        Posix.StatX status;
        if (Posix.statx(AT_FDCWD, Posix.Terminated(Encoding.UTF8.GetBytes(from)), 0, STATX_BASIC_STATS, &status) != 0)
            throw Posix.LastError($"cannot read {from}");
        if (Posix.geteuid() == 0 && Posix.chown(Posix.Terminated(to), status.User, status.Group) != 0)
            throw Posix.LastError($"cannot give {to} to user {status.User}");
        File.SetUnixFileMode(to, (UnixFileMode)(status.Mode & 0xFFF));
    }
}
