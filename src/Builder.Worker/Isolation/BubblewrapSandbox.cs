using System.Globalization;
using System.Text;
using Builder.Protocol.Values;
using Builder.Worker.Files;
using Builder.Worker.Native;
using Builder.Worker.Options;
using Builder.Worker.Processes;
using Builder.Worker.Roots;
using Builder.Worker.Variation;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Isolation;

/// <summary>
/// Namespaces of its own for a job. It sees programs, libraries and settings of the machine, read-only, and what it can write is
/// its directory and a /tmp of its own, both on the worker's disk; sockets, homes and other processes are not there. It has no
/// capabilities, and inside it is a plain user, whoever the worker is.
/// </summary>
internal sealed class BubblewrapSandbox(string program, SandboxMode mode, SandboxOptions options) : ISandbox
{
    private const string Recorded = "/tmp/recorded";
    private const string SharedMemory = "1073741824";
    private const long SmallestFileLimit = 1 << 20;

    // Limits that the kernel counts for the user namespace, so they are set in it; what is asked for is a number, "-" leaves it.
    private const string Enter =
        """[ "$1" = - ] || ulimit -u "$1" 2>/dev/null || ulimit -p "$1" 2>/dev/null; [ "$2" = - ] || ulimit -f "$2" 2>/dev/null; shift 2; exec "$@" """;

    private static readonly string[] NameResolution = ["/etc/resolv.conf", "/run/systemd/resolve", "/run/resolvconf", "/run/nscd"];

    private readonly byte[]? filter = SystemCallFilter.Program();

    private readonly string unshare = FindProgram("unshare") ?? "/usr/bin/unshare";

    /// <summary>A worker runs one job at a time.</summary>
    private readonly HashSet<string> mounted = [];

    public IsolationTier Tier { get; } =
        mode.HasOwnProc
            ? new IsolationTier(IsolationKind.Sandbox, "each job has namespaces and a /proc of its own")
            : new IsolationTier(
                IsolationKind.SandboxSharedProc,
                "the container around the worker covers parts of /proc, so jobs have no /proc of their own: "
                    + "they see other processes' names and command lines, not their memory, files or environment"
            );

    /// <summary>The program in PATH; null where it is not installed.</summary>
    public static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    public Launch Prepare(
        JobDirectory directory,
        IReadOnlyList<string> interpreter,
        IReadOnlyList<string> environment,
        JobLimits limits,
        VariedJob varied
    )
    {
        directory.PrepareForSandbox(mode.JobUser, varied.HasOtherFileOrder);
        var layer = options.Root is { } root ? new RootLayer(root, directory.Layer) : null;
        var inputs = new SandboxInputs();
        SafeFileHandle? release = null;
        try
        {
            string[] wait = [];
            if (options.Outbound is null && layer is null)
            {
                (var waits, release) = Posix.Pipe();
                wait = ["--block-fd", inputs.Add(waits)];
            }
            return new Launch(
                Command(wait, directory, layer, interpreter, limits, inputs, varied),
                [
                    .. environment.Where(IsForEveryUser),
                    $"HOME={varied.Home}",
                    $"USER={varied.UserName}",
                    $"LOGNAME={varied.UserName}",
                    $"PWD={varied.BuildDirectory}",
                    .. options.Root is null ? [] : (string[])[$"{JobRoot.Variable}={options.Root.Identity}"],
                    .. directory.Recorded is null ? [] : (string[])[$"{JobDirectory.RecordedVariable}={Recorded}"],
                ],
                "/"
            )
            {
                ReportsStatus = true,
                HasOwnProcessIds = true,
                Inputs = inputs,
                Release = release,
                ProcessLimits = WaitsForRelease ? Limits(limits) : ProcessLimits.None,
                User = WaitsForRelease ? mode.JobUser : null,
            };
        }
        catch
        {
            release?.Dispose();
            inputs.Dispose();
            throw;
        }
    }

    /// <param name="wait">How bubblewrap waits; nothing for an outbound network, whose helper goes into the control group as well.</param>
    private List<string> Command(
        string[] wait,
        JobDirectory directory,
        RootLayer? layer,
        IReadOnlyList<string> interpreter,
        JobLimits limits,
        SandboxInputs inputs,
        VariedJob varied
    )
    {
        IReadOnlyList<string> hidden = [.. options.Hidden.Select(Path.GetFullPath)];
        List<string> command = [];
        if (layer is not null && mode.JobUser is not null)
            command.AddRange(layer.Prefix(unshare, asRoot: true));
        if (!WaitsForRelease && mode is { JobUser: { } jobUser, HasUserNamespace: true })
            command.AddRange(SwitchTo(jobUser));
        if (options.Outbound is { } outbound)
            command.AddRange(outbound.CommandPrefix);
        // Within the outbound network's user namespace: that is entered from the worker's own only.
        if (layer is not null && mode.JobUser is null)
            command.AddRange(layer.Prefix(unshare, asRoot: false));
        if (varied.HasOtherFileOrder)
            command.AddRange(varied.OrderPrefix(directory.Path, directory.Ordered));
        command.AddRange(
            program,
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
            "--hostname",
            varied.HostName,
            "--die-with-parent",
            "--new-session",
            "--cap-drop",
            "ALL",
            "--json-status-fd",
            $"{Launch.StatusDescriptor}"
        );
        command.AddRange(wait);
        if (mode.HasUserNamespace)
            command.AddRange("--unshare-user", "--uid", $"{varied.UserNumber}", "--gid", $"{varied.UserNumber}");
        else
            command.AddRange("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP");
        if (options.Network == SandboxNetwork.None)
            command.Add("--unshare-net");
        if (filter is not null)
            command.AddRange("--seccomp", inputs.Add(filter));
        if (layer is null)
            AddMachine(command, hidden, inputs, varied);
        else
            AddTree(command, layer, varied);
        foreach (var path in options.Shown.Select(Path.GetFullPath).Where(static path => !IsTemporary(path)))
            command.AddRange("--ro-bind", path, path);
        command.AddRange("--dev", "/dev", "--perms", "1777", "--size", SharedMemory, "--tmpfs", "/dev/shm", "--remount-ro", "/dev");
        command.AddRange(mode.HasOwnProc ? (string[])["--proc", "/proc"] : ["--ro-bind", "/proc", "/proc"]);
        foreach (var path in hidden.Where(path => IsVisible(path) && !IsTemporary(path)))
            command.AddRange(Cover(path));
        command.AddRange(
            "--bind",
            directory.Temporary,
            "/tmp",
            "--bind",
            directory.Temporary,
            "/var/tmp",
            "--dir",
            varied.Home,
            "--bind",
            varied.HasOtherFileOrder ? directory.Ordered : directory.Path,
            varied.BuildDirectory
        );
        // The job's own /tmp would cover them.
        foreach (var path in options.Shown.Select(Path.GetFullPath).Where(IsTemporary))
            command.AddRange("--ro-bind", path, path);
        foreach (var path in hidden.Where(path => IsVisible(path) && IsTemporary(path)))
            command.AddRange(Cover(path));
        if (directory.Recorded is { } recorded)
            command.AddRange("--ro-bind", recorded, Recorded);
        command.AddRange("--chdir", varied.BuildDirectory);
        if (layer is null)
            command.AddRange("--remount-ro", "/");
        command.Add("--");
        if (mode is { JobUser: { } insideUser, HasUserNamespace: false })
            command.AddRange(SwitchTo(insideUser));
        if (!WaitsForRelease)
            command.AddRange(
                "/bin/sh",
                "-c",
                Enter,
                "sh",
                Number(AboveTheLimit(limits.MaxProcesses)),
                Number((limits.MaxDiskBytes + 511) / 512)
            );
        command.AddRange(interpreter);
        command.Add($"{varied.BuildDirectory}/{JobDirectory.ScriptName}");
        return command;
    }

    /// <summary>Programs, libraries and settings of the machine, and those that are the sandbox's own.</summary>
    private void AddMachine(List<string> command, IReadOnlyList<string> hidden, SandboxInputs inputs, VariedJob varied)
    {
        command.AddRange(SystemFiles.Arguments(hidden, inputs, mounted));
        command.AddRange(Written("/etc/passwd", Users(varied), inputs));
        command.AddRange(Written("/etc/group", Groups(varied), inputs));
        if (options.Network == SandboxNetwork.Host)
        {
            foreach (var path in NameResolution)
                command.AddRange("--ro-bind-try", path, path);
        }
        if (options.Outbound is not null)
            command.AddRange(Written("/etc/resolv.conf", NameServers, inputs));
    }

    /// <summary>The tree with the job's own layer over it, which has what is mounted or written there already.</summary>
    private void AddTree(List<string> command, RootLayer layer, VariedJob varied)
    {
        layer.AddFile("/etc/passwd", Encoding.ASCII.GetBytes(Users(varied)));
        layer.AddFile("/etc/group", Encoding.ASCII.GetBytes(Groups(varied)));
        if (options.Outbound is not null)
            layer.AddFile("/etc/resolv.conf", Encoding.ASCII.GetBytes(NameServers));
        else if (options.Network == SandboxNetwork.Host && File.Exists(NameResolution[0]))
            layer.AddFile("/etc/resolv.conf", File.ReadAllBytes(NameResolution[0]));
        foreach (var place in (string[])["/dev", "/proc", "/tmp", "/var/tmp"])
            layer.AddPlace(place, isDirectory: true);
        foreach (var path in options.Shown.Select(Path.GetFullPath).Where(static path => !IsTemporary(path)))
            layer.AddPlace(path, Directory.Exists(path));
        command.AddRange("--bind", layer.Merged, "/");
    }

    private const string NameServers = $"nameserver {OutboundNetwork.NameServer}\n";

    private string Users(VariedJob varied) =>
        $"root:x:0:0:root:/:/bin/sh\n{varied.UserName}:x:{UserInside(varied)}:{UserInside(varied)}::{varied.Home}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";

    private string Groups(VariedJob varied) => $"root:x:0:\n{varied.UserName}:x:{UserInside(varied)}:\nnogroup:x:65534:\n";

    private static string[] Cover(string path) =>
        Directory.Exists(path) ? ["--tmpfs", path]
        : File.Exists(path) ? ["--ro-bind", "/dev/null", path]
        : [];

    private static bool IsTemporary(string path) =>
        path.StartsWith("/tmp/", StringComparison.Ordinal) || path.StartsWith("/var/tmp/", StringComparison.Ordinal);

    private static string[] Written(string path, string content, SandboxInputs inputs) =>
        ["--perms", "0444", "--file", inputs.Add(Encoding.ASCII.GetBytes(content)), path];

    /// <summary>
    /// The job waits for its release: then the supervisor starts it as its user, and its limits are set from outside. Programs in front of it
    /// that do this cost it some milliseconds; an outbound network's helper needs them, a tree whose overlay root mounts, and root without a user namespace.
    /// </summary>
    private bool WaitsForRelease => options.Outbound is null && options.Root is null && mode.HasUserNamespace;

    /// <summary>The sandbox writes the settings that it shows under the same limit.</summary>
    private static ProcessLimits Limits(JobLimits limits) =>
        new(AboveTheLimit(limits.MaxProcesses), limits.MaxDiskBytes is { } bytes ? Math.Max(bytes, SmallestFileLimit) : null);

    private uint UserInside(VariedJob varied) => mode.HasUserNamespace ? varied.UserNumber : mode.JobUser ?? varied.UserNumber;

    private static bool IsForEveryUser(string variable) => variable.Split('=')[0] is not ("HOME" or "USER" or "LOGNAME");

    /// <summary>A path below something that is shown: a cover anywhere else would itself show that there is something.</summary>
    private bool IsVisible(string path) =>
        (options.Root is null ? SystemFiles.Programs.Concat(SystemFiles.Settings) : [])
            .Concat(options.Shown.Select(Path.GetFullPath))
            .Any(shown => path == shown || path.StartsWith(shown.TrimEnd('/') + "/", StringComparison.Ordinal));

    /// <summary>Runs the command that comes after it as this user, without any capability.</summary>
    public static string[] SwitchTo(uint user) =>
        [
            FindProgram("setpriv") ?? "/usr/bin/setpriv",
            "--reuid",
            $"{user}",
            "--regid",
            $"{user}",
            "--clear-groups",
            "--bounding-set",
            "-all",
            "--inh-caps",
            "-all",
            "--no-new-privs",
            "--",
        ];

    /// <summary>A control group, or the look at the job, shall meet the limit first: they say so. This only keeps a job from outrunning them.</summary>
    private static long? AboveTheLimit(long? processes) => processes is { } count ? count + (count / 4) + 64 : null;

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
