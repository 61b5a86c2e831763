namespace Builder.Worker.Isolation;

/// <summary>What of the machine a job in a sandbox sees, read-only: programs, libraries and the settings they need, nothing else.</summary>
internal static class SystemFiles
{
    /// <summary>Directories, or links to such, of programs and libraries.</summary>
    public static IReadOnlyList<string> Programs { get; } =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"];

    /// <summary>Settings without secrets, and the package manager's list of what is installed.</summary>
    public static IReadOnlyList<string> Settings { get; } =
    [
        "/etc/alternatives",
        "/etc/ca-certificates",
        "/etc/ca-certificates.conf",
        "/etc/crypto-policies",
        "/etc/debian_version",
        "/etc/default/locale",
        "/etc/dpkg",
        "/etc/fonts",
        "/etc/gai.conf",
        "/etc/gnutls",
        "/etc/host.conf",
        "/etc/hosts",
        "/etc/inputrc",
        "/etc/java-17-openjdk",
        "/etc/java-21-openjdk",
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/etc/locale.alias",
        "/etc/locale.conf",
        "/etc/localtime",
        "/etc/login.defs",
        "/etc/lsb-release",
        "/etc/magic",
        "/etc/magic.mime",
        "/etc/mime.types",
        "/etc/nsswitch.conf",
        "/etc/os-release",
        "/etc/perl",
        "/etc/pki/ca-trust",
        "/etc/pki/tls/certs",
        "/etc/profile",
        "/etc/protocols",
        "/etc/python3",
        "/etc/redhat-release",
        "/etc/rpc",
        "/etc/services",
        "/etc/sgml",
        "/etc/shells",
        "/etc/ssl/certs",
        "/etc/ssl/openssl.cnf",
        "/etc/terminfo",
        "/etc/texmf",
        "/etc/timezone",
        "/etc/xml",
        "/var/lib/dpkg",
        "/var/lib/pacman/local",
        "/var/lib/rpm",
    ];

    /// <summary>
    /// How bubblewrap shows these. A link is shown as a link where it leads to what is shown as well (as /bin to usr/bin), a
    /// file it leads to otherwise.
    /// </summary>
    /// <param name="hidden">Paths that must not be copied.</param>
    /// <param name="inputs">Gets what bubblewrap reads from.</param>
    /// <param name="mounted">Paths that are not for a copy, from one job to the next: large directories need not be looked at again.</param>
    public static IEnumerable<string> Arguments(IReadOnlyCollection<string> hidden, SandboxInputs inputs, HashSet<string> mounted)
    {
        List<string> words = [];
        foreach (var path in Programs)
        {
            if (new DirectoryInfo(path) is { Exists: true, LinkTarget: { } target })
                words.AddRange("--symlink", target, path);
            else if (Directory.Exists(path))
                words.AddRange("--ro-bind", path, path);
        }
        foreach (var path in Settings.Except(hidden))
        {
            if (!mounted.Contains(path) && SettingsCopy.Arguments(path, hidden, inputs) is { } copy)
            {
                words.AddRange(copy);
            }
            else if (Path.Exists(path))
            {
                words.AddRange("--ro-bind", path, path);
                mounted.Add(path);
            }
        }
        return words;
    }
}
