using Builder.Worker.Execution;

namespace Builder.Worker.Isolation;

/// <summary>
/// The machine's own files, read-only, and of what can be written only the job's directory and a /tmp of its own; other
/// processes, the homes, /run and what is hidden on top of that are not there, nor is the network unless asked for.
/// </summary>
internal sealed class BubblewrapSandbox(string program, SandboxNetwork network, IReadOnlyList<string> hidden) : ISandbox
{
    /// <summary>The job's directory as the job sees it: the same in each build, so that paths do not tell builds apart.</summary>
    public const string BuildDirectory = "/tmp/build";

    private const string Home = "/tmp/home";

    private static readonly string[] Private = ["/home", "/media", "/mnt", "/root", "/run", "/srv", "/var/tmp"];

    private static readonly string[] NameResolution = ["/run/systemd/resolve", "/run/resolvconf", "/run/nscd"];

    /// <exception cref="IOException">The program is not installed.</exception>
    public static string FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, "bwrap"))
            .FirstOrDefault(File.Exists)
        ?? throw new IOException("--sandbox bubblewrap: there is no bwrap in PATH; install bubblewrap, or choose --sandbox none");

    public Launch Prepare(JobDirectory directory, IReadOnlyList<string> environment)
    {
        List<string> command =
        [
            program,
            "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "builder",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--json-status-fd", "3",
            "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
        ];
        if (network == SandboxNetwork.None)
            command.Add("--unshare-net");
        foreach (var path in Private.Where(Directory.Exists))
            command.AddRange("--tmpfs", path);
        if (network == SandboxNetwork.Host)
        {
            foreach (var path in NameResolution)
                command.AddRange("--ro-bind-try", path, path);
        }
        foreach (var path in hidden.Select(Path.GetFullPath))
            command.AddRange(Directory.Exists(path) ? ["--tmpfs", path] : File.Exists(path) ? ["--ro-bind", "/dev/null", path] : []);
        command.AddRange(
            "--dir", Home, "--bind", directory.Path, BuildDirectory, "--chdir", BuildDirectory,
            "--remount-ro", "/", "--", "/bin/sh", "-e", $"{BuildDirectory}/{JobDirectory.ScriptName}");
        return new Launch(
            command,
            [.. environment.Where(variable => !variable.StartsWith("HOME=", StringComparison.Ordinal)), $"HOME={Home}", $"PWD={BuildDirectory}"],
            "/",
            ReportsStatus: true);
    }
}
