namespace Builder.Testing;

/// <summary>What a test needs of the machine beside the .NET SDK. Without it the test is skipped and names it; with CI=true it fails instead.</summary>
internal static class Requirement
{
    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["apparmor_parser"] = "apparmor",
        ["apt-ftparchive"] = "apt-utils",
        ["apt-get"] = "apt",
        ["ar"] = "binutils",
        ["bwrap"] = "bubblewrap",
        ["bzip2"] = "bzip2",
        ["ceph"] = "ceph-common",
        ["ceph-authtool"] = "ceph-common",
        ["ceph-mon"] = "ceph-mon",
        ["ceph-osd"] = "ceph-osd",
        ["chromium"] = "chromium",
        ["cpio"] = "cpio",
        ["curl"] = "curl",
        ["dpkg"] = "dpkg",
        ["dpkg-deb"] = "dpkg",
        ["dpkg-scanpackages"] = "dpkg-dev",
        ["fish"] = "fish",
        ["gcc"] = "gcc",
        ["git"] = "git",
        ["gpg"] = "gnupg",
        ["gpgv"] = "gpgv",
        ["in-toto-verify"] = "in-toto",
        ["ip"] = "iproute2",
        ["kill"] = "procps",
        ["lintian"] = "lintian",
        ["mandoc"] = "mandoc",
        ["minisign"] = "minisign",
        ["msgfmt"] = "gettext",
        ["nginx"] = "nginx-light",
        ["node"] = "nodejs",
        ["objcopy"] = "binutils",
        ["monmaptool"] = "ceph-base",
        ["ocamlopt"] = "ocaml",
        ["opam"] = "opam",
        ["openssl"] = "openssl",
        ["python3"] = "python3-minimal",
        ["radosgw"] = "radosgw",
        ["radosgw-admin"] = "ceph-common",
        ["script"] = "bsdutils",
        ["setpriv"] = "util-linux",
        ["signify-openbsd"] = "signify-openbsd",
        ["slirp4netns"] = "slirp4netns",
        ["strip"] = "binutils",
        ["systemd-analyze"] = "systemd",
        ["unshare"] = "util-linux",
        ["xz"] = "xz-utils",
        ["zip"] = "zip",
        ["zsh"] = "zsh",
        ["zstd"] = "zstd",
    };

    /// <summary>Programs, by name or by path; those for administrators are found too.</summary>
    public static void Programs(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var package = Packages.GetValueOrDefault(Path.GetFileName(name));
            Met(Exists(name), package is null ? $"{name} is not installed" : $"{name} is not installed: apt-get install {package}");
        }
    }

    public static void PostgreSql() =>
        Met(PostgreSqlServer.ProgramDirectory is not null, "PostgreSQL is not installed: apt-get install postgresql");

    /// <summary>An S3-compatible object store.</summary>
    public static void Ceph()
    {
        Programs([.. CephServer.Programs]);
        Root("to start Ceph");
    }

    /// <param name="purpose">"to mount a disk".</param>
    public static void Root(string purpose) => Met(Environment.IsPrivilegedProcess, $"only root may do this: {purpose}");

    /// <param name="missing">What is missing and how to get it.</param>
    public static void Met(bool isMet, string missing)
    {
        if (isMet)
            return;
        if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 })
            Assert.Fail($"{missing}; with CI set no test is skipped");
        Assert.Skip(missing);
    }

    private static bool Exists(string name) =>
        name.Contains('/', StringComparison.Ordinal)
            ? File.Exists(name)
            : $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
                .Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Any(directory => File.Exists(Path.Combine(directory, name)));
}
