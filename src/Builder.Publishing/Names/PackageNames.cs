using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Files;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Names;

/// <summary>
/// Whose names a repository's packages have, and what was withdrawn: the file <c>.names</c> in its directory, lines of fields
/// with tabs between them and a checksum at the end. It is read and replaced as a whole, under the repository's lock.
/// </summary>
internal sealed class PackageNames
{
    public const string FileName = ".names";

    private readonly string path;
    private readonly List<NameOwner> owners = [];
    private readonly List<Withdrawal> withdrawn = [];

    private PackageNames(string path) => this.path = path;

    public IReadOnlyList<NameOwner> Owners => owners;

    /// <summary>Whether what is in the file is not what is here.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>
    /// The names of a repository. Where there is no file yet, what is published belongs to the jobs that it came from.
    /// </summary>
    /// <exception cref="RepositoryException">The file is damaged.</exception>
    public static async Task<PackageNames> LoadAsync(
        string directory,
        Func<Task<IReadOnlyList<PublishedPackage>>> published,
        CancellationToken cancellationToken
    )
    {
        var names = new PackageNames(Path.Combine(directory, FileName));
        if (File.Exists(names.path))
        {
            names.Read(await File.ReadAllBytesAsync(names.path, cancellationToken));
            return names;
        }
        foreach (
            var same in (await published())
                .Where(package => package.Job is { Length: > 0 })
                .GroupBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
        )
        {
            var jobs = same.Select(package => package.Job!).Distinct().ToList();
            names.owners.AddRange(
                jobs.Count == 1
                    ? [new NameOwner(same.Key, NameOwner.EveryBranch, jobs[0], NameOrigin.Published)]
                    : same.Select(package => new NameOwner(same.Key, package.Branch, package.Job!, NameOrigin.Published)).Distinct()
            );
        }
        names.IsChanged = names.owners.Count > 0;
        return names;
    }

    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder("# Made by builder: see builder repo owners, builder repo assign, builder repo remove.\n");
        foreach (
            var owner in owners.OrderBy(owner => owner.Name, StringComparer.Ordinal).ThenBy(owner => owner.Branch, StringComparer.Ordinal)
        )
            text.Append(
                CultureInfo.InvariantCulture,
                $"owner\t{owner.Name}\t{owner.Branch}\t{owner.Job}\t{(owner.Origin == NameOrigin.Assigned ? "assigned" : "published")}\n"
            );
        foreach (var entry in withdrawn)
            text.Append(
                CultureInfo.InvariantCulture,
                $"withdrawn\t{entry.Name}\t{entry.Branch}\t{entry.Sha256}\t{entry.Time.UtcDateTime:O}\n"
            );
        var content = Encoding.UTF8.GetBytes(text.ToString());
        await Durable.ReplaceAsync(path, (byte[])[.. content, .. SumLine(content)], cancellationToken);
        IsChanged = false;
    }

    /// <summary>The jobs that may publish a name in a branch; none where it belongs to nobody.</summary>
    public IReadOnlyList<string> OwnersOf(string name, string branch)
    {
        var named = owners.Where(owner => Same(owner.Name, name)).ToList();
        foreach (var where in (string[])[branch, NameOwner.EveryBranch])
        {
            if (named.Find(owner => owner.Branch == where) is { } owner)
                return [owner.Job];
        }
        // Elsewhere only: a new branch belongs to one of those.
        return [.. named.Select(owner => owner.Job).Distinct()];
    }

    /// <summary>Notes a first publication; nothing where the name has an owner in this branch.</summary>
    public void Claim(string name, string branch, string job)
    {
        var named = owners.Where(owner => Same(owner.Name, name)).ToList();
        if (named.Any(owner => owner.Branch == branch || owner.Branch == NameOwner.EveryBranch))
            return;
        owners.Add(new NameOwner(name, named.Count == 0 ? NameOwner.EveryBranch : branch, job, NameOrigin.Published));
        IsChanged = true;
    }

    /// <param name="branch">Null: in all branches, whatever was said of single ones.</param>
    /// <param name="job">Null: the name belongs to nobody.</param>
    public void Assign(string name, string? branch, string? job)
    {
        owners.RemoveAll(owner => Same(owner.Name, name) && (branch is null || owner.Branch == branch));
        if (job is not null)
            owners.Add(new NameOwner(name, branch ?? NameOwner.EveryBranch, job, NameOrigin.Assigned));
        IsChanged = true;
    }

    public void Withdraw(Withdrawal withdrawal)
    {
        withdrawn.RemoveAll(entry =>
            entry.Branch == withdrawal.Branch && entry.Sha256 == withdrawal.Sha256 && Same(entry.Name, withdrawal.Name)
        );
        withdrawn.Add(withdrawal);
        IsChanged = true;
    }

    public Withdrawal? FindWithdrawn(string branch, string name, string? sha256) =>
        sha256 is null ? null : withdrawn.Find(entry => entry.Branch == branch && entry.Sha256 == sha256 && Same(entry.Name, name));

    public void Readmit(Withdrawal withdrawal) => IsChanged |= withdrawn.Remove(withdrawal);

    private void Read(byte[] bytes)
    {
        var last = bytes.AsSpan(0, Math.Max(0, bytes.Length - 1)).LastIndexOf((byte)'\n') + 1;
        if (!bytes.AsSpan(last).SequenceEqual(SumLine(bytes.AsSpan(0, last))))
            throw new RepositoryException(
                $"{path} is damaged: its checksum does not match. Put it back from a backup, or remove it: then each name belongs to the job whose package is published now"
            );
        foreach (var (number, line) in Encoding.UTF8.GetString(bytes, 0, last).Split('\n').Index())
        {
            switch (line.Split('\t'))
            {
                case ["owner", var name, var branch, var job, var origin]:
                    owners.Add(new NameOwner(name, branch, job, origin == "assigned" ? NameOrigin.Assigned : NameOrigin.Published));
                    break;
                case ["withdrawn", var name, var branch, var sha256, var time]
                    when DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when):
                    withdrawn.Add(new Withdrawal(name, branch, sha256, when));
                    break;
                default:
                    if (line.Length > 0 && line[0] != '#')
                        throw new RepositoryException(
                            $"{path}:{number + 1}: \"{line}\" cannot be read: a newer version of this program may have written it"
                        );
                    break;
            }
        }
    }

    private static byte[] SumLine(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes($"sha256\t{Convert.ToHexStringLower(SHA256.HashData(content))}\n");

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
