using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Builder.Protocol.Values;
using Builder.Publishing.Files;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Options;

/// <summary>
/// A repository as <c>builder repo init</c> set it up: the folder <c>CONFIGDIR/repositories/debian</c> or <c>…/freebsd</c> with
/// <c>repository.conf</c> (lines <c>name = value</c>) and its keys. Without that file there is no such repository.
/// </summary>
public sealed partial record RepositorySettings
{
    public const string FileName = "repository.conf";

    private RepositorySettings(RepositoryKind kind, string folder, string directory) =>
        (Kind, Folder, Directory) = (kind, folder, directory);

    public RepositoryKind Kind { get; }

    /// <summary>Where settings and keys are.</summary>
    public string Folder { get; }

    /// <summary>What is published: served under <c>/apt/</c> or <c>/pkg/</c>, or by any web server.</summary>
    public string Directory { get; init; }

    /// <summary>Shown by clients as origin and label.</summary>
    public string Name { get; init; } = "Builder";

    /// <summary>Fingerprint of the OpenPGP key; empty for FreeBSD, whose key is <c>signing.pem</c>.</summary>
    public string Key { get; init; } = "";

    /// <summary>Packages of other architectures (Debian) or ABIs (FreeBSD; none given: any) are refused.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    public PublishGate Gate { get; init; }

    /// <summary>Days after which clients refuse the repository unless it was published anew; 0: never.</summary>
    public int ValidDays { get; init; }

    /// <summary>Whether a package name belongs to the job that published it first, or was given it.</summary>
    public bool NamesBelongToJobs { get; init; } = true;

    /// <summary>Names that no job gets by publishing first; patterns with <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyList<string> ProtectedNames { get; init; } = [];

    /// <summary>Packages that may be essential, important, protected or vital; patterns.</summary>
    public IReadOnlyList<string> EssentialPackages { get; init; } = [];

    /// <summary>Jobs that names, also patterns, belong to whoever published first.</summary>
    public IReadOnlyList<NameOwner> NameOwners { get; init; } = [];

    /// <summary>What an operator should know of these settings, beside errors.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public Retention Retention { get; init; } = Retention.Default;

    /// <summary>Socket of <c>builder repo signer</c>; null: the keys are in <see cref="Folder"/>.</summary>
    public string? Signer { get; init; }

    /// <summary>The OpenPGP key for clients, beside <c>dists</c>.</summary>
    public const string OpenPgpPublicKeyFile = "key.asc";

    /// <summary>The RSA key for clients, and its fingerprint in the form of pkg, beside the ABIs.</summary>
    public const string RsaPublicKeyFile = "key.pub";

    public const string RsaFingerprintFile = "fingerprint";

    public string GnupgHome => Path.Combine(Folder, "gnupg");

    public string RsaKeyFile => Path.Combine(Folder, "signing.pem");

    public static string FolderOf(string configDirectory, RepositoryKind kind) =>
        Path.Combine(configDirectory, "repositories", kind == RepositoryKind.Debian ? "debian" : "freebsd");

    public static RepositorySettings Default(string configDirectory, string dataDirectory, RepositoryKind kind) =>
        new(
            kind,
            FolderOf(configDirectory, kind),
            Path.Combine(dataDirectory, "_repositories", kind == RepositoryKind.Debian ? "apt" : "pkg")
        )
        {
            Architectures = kind == RepositoryKind.Debian ? ["amd64", "arm64"] : [],
            ProtectedNames = Options.ProtectedNames.For(kind),
        };

    /// <summary>Null where the repository was not set up.</summary>
    /// <exception cref="RepositoryException">The settings are wrong; all errors at once.</exception>
    public static RepositorySettings? Load(string configDirectory, string dataDirectory, RepositoryKind kind)
    {
        var settings = Default(configDirectory, dataDirectory, kind);
        var path = Path.Combine(settings.Folder, FileName);
        if (!File.Exists(path))
            return null;
        var errors = new List<string>();
        foreach (var (number, line) in File.ReadAllLines(path).Index())
        {
            var text = line.Trim();
            if (text.Length == 0 || text.StartsWith('#'))
                continue;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var error = "is not \"name = value\"";
            var read = equals < 0 ? null : settings.With(text[..equals].Trim(), text[(equals + 1)..].Trim(), out error);
            if (read is null)
                errors.Add($"{path}:{number + 1}: {error}");
            settings = read ?? settings;
        }
        return errors.Count == 0 ? settings : throw new RepositoryException(string.Join('\n', errors));
    }

    /// <summary>The text of the settings file, every setting with a word on it.</summary>
    public string ToText() =>
        new StringBuilder()
            .Append("# Made by `builder repo init`; `builder web` reads it when it starts.\n")
            .Append("# What clients show as origin and label.\n")
            .Append(CultureInfo.InvariantCulture, $"name = {Name}\n")
            .Append(Kind == RepositoryKind.Debian ? "# Fingerprint of the OpenPGP key that signs; it is in gnupg/ beside this file.\n" : "")
            .Append(Kind == RepositoryKind.Debian ? $"key = {Key}\n" : "")
            .Append("# Packages of other architectures (FreeBSD: ABIs; none: any) are refused.\n")
            .Append(CultureInfo.InvariantCulture, $"architectures = {string.Join(' ', Architectures)}\n")
            .Append("# built: at once. reproduced: when two builds with one input id have the same main binary.\n")
            .Append(CultureInfo.InvariantCulture, $"publish-when = {(Gate == PublishGate.Built ? "built" : "reproduced")}\n")
            .Append("# What clients can fetch; also for any other web server.\n")
            .Append(CultureInfo.InvariantCulture, $"directory = {Directory}\n")
            .Append(
                "# job: a package name belongs to the job that published it first (builder repo owners). any-job: every job may publish every name.\n"
            )
            .Append(CultureInfo.InvariantCulture, $"package-names = {(NamesBelongToJobs ? "job" : "any-job")}\n")
            .Append("# Names that no job gets by publishing first, * and ? as in file names. default: those of the operating system.\n")
            .Append(CultureInfo.InvariantCulture, $"protected-names = {ProtectedText()}\n")
            .Append("# Gives a name or pattern to a job; a line for each.\n")
            .Append(
                NameOwners.Count == 0
                    ? "# name-owner = NAME JOB\n"
                    : string.Concat(NameOwners.Select(owner => $"name-owner = {owner.Name} {owner.Job}\n"))
            )
            .Append(
                "# Packages that clients may be made to install unasked and to keep (Essential, Important, Protected; FreeBSD: vital).\n"
            )
            .Append(CultureInfo.InvariantCulture, $"essential-packages = {string.Join(' ', EssentialPackages)}\n")
            .Append("# Old states that stay, at least, and for how many minutes all of them stay.\n")
            .Append(CultureInfo.InvariantCulture, $"keep-snapshots = {Retention.Snapshots}\n")
            .Append(CultureInfo.InvariantCulture, $"keep-minutes = {(int)Retention.Time.TotalMinutes}\n")
            .Append(
                Kind == RepositoryKind.Debian
                    ? $"# Days after which clients refuse what was not published anew; 0: never.\nvalid-days = {ValidDays}\n"
                    : ""
            )
            .Append("# Socket of `builder repo signer`, where the keys belong to another user.\n")
            .Append(Signer is null ? "# signer = /run/builder-signer/sign.sock\n" : $"signer = {Signer}\n")
            .ToString();

    /// <summary><c>built</c> or <c>reproduced</c>, with or without <c>when=</c> before it.</summary>
    public static bool TryParseGate(string text, out PublishGate gate)
    {
        var value = text.StartsWith("when=", StringComparison.Ordinal) ? text["when=".Length..] : text;
        gate = value == "reproduced" ? PublishGate.Reproduced : PublishGate.Built;
        return value is "built" or "reproduced";
    }

    private RepositorySettings? With(string name, string value, out string error)
    {
        error = $"\"{name}\" cannot be \"{value}\"";
        switch (name)
        {
            case "name":
                return value.Length is > 0 and <= 100 && !value.Any(char.IsControl) ? this with { Name = value } : null;
            case "key" when Kind == RepositoryKind.Debian:
                return Fingerprint().IsMatch(value) ? this with { Key = value } : null;
            case "architectures":
                var architectures = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return architectures.All(a => Architecture().IsMatch(a)) ? this with { Architectures = architectures } : null;
            case "publish-when":
                return TryParseGate(value, out var gate) ? this with { Gate = gate } : null;
            case "directory":
                return Path.IsPathFullyQualified(value) ? this with { Directory = value } : null;
            case "package-names" when value == "any":
                // Written by every setup of earlier versions, so it says nothing of what the operator wants.
                return this with
                {
                    NamesBelongToJobs = true,
                    Warnings =
                    [
                        .. Warnings,
                        "package-names = any was the default of earlier versions and now means job; write any-job to let every job publish every name",
                    ],
                };
            case "package-names":
                return value is "any-job" or "job" ? this with { NamesBelongToJobs = value == "job" } : null;
            case "protected-names":
                var given = Words(value);
                return given.All(NamePattern.IsValid)
                    ? this with
                    {
                        ProtectedNames =
                        [
                            .. given.SelectMany(name => name == Options.ProtectedNames.Default ? Options.ProtectedNames.For(Kind) : [name]),
                        ],
                    }
                    : null;
            case "essential-packages":
                return Words(value).All(NamePattern.IsValid) ? this with { EssentialPackages = Words(value) } : null;
            case "name-owner":
                return
                    value.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var pattern, var job]
                    && NamePattern.IsValid(pattern)
                    && JobName.TryParse(job, out _, out _)
                    ? this with
                    {
                        NameOwners = [.. NameOwners, new NameOwner(pattern, NameOwner.EveryBranch, job, NameOrigin.Configured)],
                    }
                    : null;
            case "keep-snapshots":
                return TryNumber(value, 1, 1000, out var snapshots)
                    ? this with
                    {
                        Retention = Retention with { Snapshots = snapshots, MaxSnapshots = Math.Max(snapshots, Retention.MaxSnapshots) },
                    }
                    : null;
            case "keep-minutes":
                return TryNumber(value, 0, 1_000_000, out var minutes)
                    ? this with
                    {
                        Retention = Retention with { Time = TimeSpan.FromMinutes(minutes) },
                    }
                    : null;
            case "valid-days" when Kind == RepositoryKind.Debian:
                return TryNumber(value, 0, 3650, out var days) ? this with { ValidDays = days } : null;
            case "signer":
                return Path.IsPathFullyQualified(value) ? this with { Signer = value } : null;
            default:
                error = $"there is no setting \"{name}\"";
                return null;
        }
    }

    private static string[] Words(string value) => value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string ProtectedText() =>
        string.Join(
            ' ',
            ProtectedNames.SequenceEqual(Options.ProtectedNames.For(Kind)) ? [Options.ProtectedNames.Default] : ProtectedNames
        );

    private static bool TryNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    [GeneratedRegex(@"\A[0-9A-F]{40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fingerprint();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9:._*-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Architecture();
}
