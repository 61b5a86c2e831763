namespace Builder.Publishing.Options;

/// <summary>
/// Names of packages that the operating system itself is made of, or that let people in: a job gets one only by the operator's
/// word. The list is a default; <c>protected-names</c> of a repository replaces or extends it.
/// </summary>
internal static class ProtectedNames
{
    /// <summary>Stands for this list among the names of the setting.</summary>
    public const string Default = "default";

    /// <summary>Debian: what is essential, required or important there, what boots, and what checks passwords and signatures.</summary>
    private static readonly string[] Debian =
    [
        "adduser", "apt", "apt-*", "libapt-*", "base-files", "base-passwd", "bash", "bash-*", "bsdutils", "busybox*", "bzip2", "ca-certificates*",
        "coreutils", "cpio", "cron", "cron-*", "curl", "dash", "dbus", "dbus-*", "debconf", "debconf-*", "debian-*", "debianutils", "diffutils",
        "dmidecode", "dmsetup", "docker*", "dpkg", "dpkg-*", "e2fsprogs*", "essential-*", "fdisk", "file", "findutils", "gcc-*-base", "gnupg*", "gpg*",
        "gpgv*", "grep", "groff-base", "grub*", "gzip", "hostname", "ifupdown*", "init", "init-*", "initramfs-tools*", "initscripts", "insserv",
        "iproute2", "iptables", "iputils-*", "kmod", "less", "libacl1", "libattr1", "libaudit*", "libblkid1", "libbz2-*", "libc-bin", "libc6*", "libc-l10n",
        "libcap*", "libcom-err2", "libcrypt*", "libcryptsetup*", "libdb5*", "libdebconfclient0", "libext2fs2*", "libgcc-s1*", "libgcrypt*", "libgmp10",
        "libgnutls*", "libgpg-error*", "libidn2-*", "libkmod2", "liblz4-*", "liblzma5", "libmd0", "libmount1", "libncurses*", "libnettle*", "libnss-*",
        "libp11-*", "libpam*", "libpcre2-*", "libproc2-*", "libreadline8*", "libseccomp2", "libselinux1*", "libsemanage*", "libsepol*", "libsmartcols1",
        "libss2", "libssl*", "libstdc++6*", "libsystemd*", "libtasn1-*", "libtinfo6*", "libudev1", "libunistring*", "libuuid1", "libxxhash0", "libzstd1",
        "linux-base", "linux-headers-*", "linux-image-*", "linux-libc-dev", "linux-modules-*", "locales*", "login", "login.defs", "logrotate", "logsave",
        "lsb-base", "mawk", "media-types", "mount", "nano", "ncurses-*", "netbase", "network-manager", "nftables", "openssh-*", "openssl*", "passwd",
        "perl", "perl-*", "libperl*", "policykit-1", "polkitd*", "procps", "python3", "python3-minimal", "python3.*", "readline-common", "rsyslog", "sed",
        "sensible-utils", "shim-*", "ssh", "sudo", "sudo-*", "systemd", "systemd-*", "sysvinit*", "tar", "task-*", "tasksel*", "tzdata*", "ubuntu-*", "ucf",
        "udev", "unattended-upgrades", "usr-is-merged", "usrmerge", "util-linux*", "vim-common", "vim-tiny", "wget", "whiptail", "xz-utils", "zlib1g*",
    ];

    /// <summary>FreeBSD: pkg itself, the base system as packages, certificates, shells and what changes users.</summary>
    private static readonly string[] FreeBsd =
    [
        "pkg", "pkg-devel", "FreeBSD-*", "ca_root_nss", "sudo", "doas", "openssh*", "openssl*", "gnupg*", "bash", "bash-*", "zsh", "fish", "curl", "git*",
        "polkit", "dbus",
    ];

    public static IReadOnlyList<string> For(RepositoryKind kind) => kind == RepositoryKind.Debian ? Debian : FreeBsd;
}
