using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Programs;
using Builder.Worker.Roots;

namespace Builder.Cli.Root;

/// <summary>
/// Makes a tree beside its place, and moves it there when it is complete: a killed "make" leaves no half tree under the name. The program that makes it
/// has a mount namespace of its own, so what it mounts ends with it.
/// </summary>
internal static class TreeMaker
{
    private static readonly string[] Namespace = ["--mount", "--propagation", "private", "--"];

    /// <summary>What tells when and where a tree was made, and its downloads.</summary>
    private static readonly string[] Emptied =
    [
        "var/cache/apt/archives",
        "var/lib/apt/lists",
        "var/log",
        "var/cache/ldconfig",
        "tmp",
        "run",
        "debootstrap",
    ];

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="CommandException">It cannot be made; the message says why.</exception>
    public static async Task<TreeRecord> MakeAsync(
        Distribution distribution,
        string directory,
        IReadOnlyList<string> packages,
        string? mirror,
        CancellationToken cancellationToken
    )
    {
        var tree = TreeRecord.TreePath(directory);
        if (File.Exists(tree) || (Directory.Exists(tree) && Directory.EnumerateFileSystemEntries(tree).Any()))
            throw new CommandException($"\"{tree}\" is there already; remove it first, or choose another directory");
        if (!Environment.IsPrivilegedProcess)
            throw new CommandException("only root can make a tree with the files of its system's users; run it as root");
        var unshare = ProgramRun.Find("unshare") ?? throw new CommandException("there is no unshare in PATH; install util-linux");
        var tool =
            ProgramRun.Find("mmdebstrap")
            ?? ProgramRun.Find("debootstrap")
            ?? throw new CommandException("there is neither mmdebstrap nor debootstrap in PATH; install one of them");

        Directory.CreateDirectory(Path.GetDirectoryName(tree)!);
        using var only = Lock(tree);
        var unfinished = tree + ".unfinished";
        try
        {
            // Of one that was killed. Nothing is mounted in it: its mounts ended with their namespace.
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            Directory.CreateDirectory(unfinished, OwnerOnly);
            var made = Path.Combine(unfinished, "tree");
            var arguments = Arguments(tool, distribution, made, packages, mirror ?? distribution.Mirror);
            // Both print what they do; standard output is for the digest.
            var exit = await ProgramRun.RunAsync(
                new ProgramStart(unshare, [.. Namespace, "/bin/sh", "-c", "exec \"$@\" >&2", "sh", tool, .. arguments]),
                cancellationToken
            );
            if (exit != 0)
                throw new CommandException($"{Path.GetFileName(tool)} failed (exit code {exit}); its last lines say why");
            var list = await TreePackages.ReadAsync(made, cancellationToken);
            Clean(made);
            var reading = TreeReader.Read(made, cancellationToken);
            var version = Encoding
                .UTF8.GetString(await ProgramRun.CaptureAsync(new ProgramStart(tool, "--version"), cancellationToken))
                .Trim();
            var record = new TreeRecord(distribution.Name, version, mirror ?? distribution.Mirror, reading.Sha256, list);
            if (Directory.Exists(tree))
                Directory.Delete(tree);
            await record.WriteAsync(tree, cancellationToken);
            Directory.Move(made, tree);
            return record;
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
    }

    private static List<string> Arguments(
        string tool,
        Distribution distribution,
        string made,
        IReadOnlyList<string> packages,
        string mirror
    )
    {
        List<string> arguments = ["--variant=minbase"];
        if (packages.Count > 0)
            arguments.Add($"--include={string.Join(',', packages)}");
        // The .deb files stay until they are hashed.
        if (Path.GetFileName(tool) == "mmdebstrap")
            arguments.AddRange(["--mode=root", "--skip=essential/unlink,cleanup/apt/cache"]);
        arguments.AddRange([distribution.Suite, made, mirror]);
        return arguments;
    }

    private static void Clean(string tree)
    {
        foreach (var name in Emptied)
        {
            var path = new DirectoryInfo(Path.Combine(tree, name));
            if (!path.Exists || path.LinkTarget is not null)
                continue;
            foreach (var entry in path.EnumerateFileSystemInfos())
            {
                if (entry is DirectoryInfo { LinkTarget: null } directory)
                    directory.Delete(recursive: true);
                else
                    entry.Delete();
            }
        }
        // debootstrap copies those of this machine.
        foreach (
            var (name, content) in ((string, string)[])[("etc/hostname", "builder\n"), ("etc/resolv.conf", ""), ("etc/machine-id", "")]
        )
        {
            var path = Path.Combine(tree, name);
            if (new FileInfo(path) is { Exists: true, LinkTarget: null })
                File.WriteAllText(path, content);
        }
    }

    private static FileStream Lock(string tree)
    {
        try
        {
            return new FileStream(
                tree + ".lock",
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.Write,
                    Share = FileShare.None,
                    Options = FileOptions.DeleteOnClose,
                }
            );
        }
        catch (IOException exception)
        {
            throw new CommandException($"\"{tree}\" is being made by another builder: {exception.Message}");
        }
    }
}
