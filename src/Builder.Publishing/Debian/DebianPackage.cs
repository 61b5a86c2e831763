using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Builder.Publishing.Archives;
using Microsoft.Win32.SafeHandles;

namespace Builder.Publishing.Debian;

/// <summary>
/// A .deb: an ar archive of <c>debian-binary</c>, <c>control.tar.*</c> and <c>data.tar.*</c>. Reading it checks all of it;
/// writing it with another version leaves the data member as it is, byte for byte.
/// </summary>
internal sealed partial class DebianPackage : IDisposable
{
    private readonly SafeFileHandle file;
    private readonly IReadOnlyList<ArMember> members;

    private DebianPackage(SafeFileHandle file, IReadOnlyList<ArMember> members, ControlFile control)
    {
        this.file = file;
        this.members = members;
        Control = control;
    }

    public ControlFile Control { get; }

    private ArMember ControlMember => members[1];

    private ArMember DataMember => members[2];

    /// <exception cref="PackageException">Not a package that can be published; the message says why.</exception>
    public static async Task<DebianPackage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            var members = Known(await ArArchive.ReadMembersAsync(file, cancellationToken));
            await CheckFormatAsync(file, members[0], cancellationToken);
            var control = await ReadControlAsync(file, members[1], cancellationToken);
            await CheckDataAsync(file, members[2], cancellationToken);
            return new DebianPackage(file, members, control);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the package with another version. The control member is left unpacked, so that the bytes depend on the input
    /// alone and on no version of a packer; it is small.
    /// </summary>
    /// <returns>Size and SHA-256 of what was written.</returns>
    public async Task<(long Size, string Sha256)> WriteAsync(Stream destination, string version, CancellationToken cancellationToken)
    {
        using var control = new MemoryStream();
        await RewriteControlAsync(file, ControlMember, control, _ => Control.WithVersion(version), cancellationToken);

        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var written = new HashingStream(destination, sum);
        await written.WriteAsync(ArArchive.Magic.ToArray(), cancellationToken);
        await WriteMemberAsync(written, members[0], members[0].Name, Section(file, members[0]), members[0].Length, cancellationToken);
        control.Position = 0;
        await WriteMemberAsync(written, ControlMember, "control.tar", control, control.Length, cancellationToken);
        await WriteMemberAsync(written, DataMember, DataMember.Name, Section(file, DataMember), DataMember.Length, cancellationToken);
        return (written.Count, Convert.ToHexStringLower(sum.GetHashAndReset()));
    }

    public void Dispose() => file.Dispose();

    /// <summary>Exactly the three members, in their order; signatures of the package as it was (names with <c>_</c>) are left out.</summary>
    private static List<ArMember> Known(IReadOnlyList<ArMember> members)
    {
        var known = members.Where(member => !member.Name.StartsWith('_')).ToList();
        if (known.Count < 3 || members[0].Name != "debian-binary" || !IsTar(known[1], "control.tar") || !IsTar(known[2], "data.tar"))
            throw new PackageException("not a Debian package: its members are not debian-binary, control.tar and data.tar");
        return known.Count == 3 ? known : throw new PackageException($"the package has a member \"{known[3].Name}\" after its data");
    }

    private static bool IsTar(ArMember member, string name) =>
        member.Name == name || member.Name.StartsWith($"{name}.", StringComparison.Ordinal);

    private static async Task CheckFormatAsync(SafeFileHandle file, ArMember member, CancellationToken cancellationToken)
    {
        var start = new byte[Math.Min(member.Length, 16)];
        await Section(file, member).ReadExactlyAsync(start, cancellationToken);
        if (!FormatVersion().IsMatch(Encoding.Latin1.GetString(start)))
            throw new PackageException("not a Debian package of format 2: debian-binary is not \"2.0\" and a newline");
    }

    private static async Task<ControlFile> ReadControlAsync(SafeFileHandle file, ArMember member, CancellationToken cancellationToken)
    {
        byte[]? found = null;
        await RewriteControlAsync(file, member, Stream.Null, content => found = content, cancellationToken);
        return ControlFile.Parse(found ?? throw new PackageException($"\"{member.Name}\" has no control file"));
    }

    /// <summary>
    /// dpkg has tar unpack this member into a directory: a second name for the control file ("././control"), or a link, would be
    /// what it reads in place of what we read.
    /// </summary>
    private static Task RewriteControlAsync(
        SafeFileHandle file,
        ArMember member,
        Stream output,
        Func<byte[], byte[]> replace,
        CancellationToken cancellationToken
    )
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return PassAsync(
            file,
            member,
            "control.tar",
            ArchiveLimits.MaxControlMember,
            tar => new TarRewriter(tar, output, TarDialect.Dpkg, $"\"{member.Name}\"")
            {
                LargestReplaced = ArchiveLimits.MaxControlFile,
                CheckEntry = (name, type) =>
                {
                    if (name is "." or "./" && type == (byte)'5')
                        return;
                    var match = ControlEntry().Match(name);
                    if (!match.Success || type is not (0 or (byte)'0'))
                        throw new PackageException(
                            $"\"{member.Name}\" has \"{ControlFile.Short(name)}\": only files without a directory can be there"
                        );
                    if (!seen.Add(match.Groups[1].Value))
                        throw new PackageException($"\"{member.Name}\" has two files \"{name}\"");
                },
                IsReplaced = name => ControlEntry().Match(name).Groups[1].Value is "control" or "conffiles" or "triggers",
                Replace = (name, content) =>
                {
                    if (name is "control" or "./control")
                        return replace(content);
                    ControlMemberFiles.Check(name, content);
                    return content;
                },
            },
            cancellationToken
        );
    }

    private static Task CheckDataAsync(SafeFileHandle file, ArMember member, CancellationToken cancellationToken) =>
        PassAsync(
            file,
            member,
            "data.tar",
            ArchiveLimits.MaxUnpacked,
            tar => new TarRewriter(tar, Stream.Null, TarDialect.Dpkg, $"\"{member.Name}\""),
            cancellationToken
        );

    private static async Task PassAsync(
        SafeFileHandle file,
        ArMember member,
        string stem,
        long limit,
        Func<Stream, TarRewriter> rewriter,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (member.Length == 0)
                throw new PackageException($"\"{member.Name}\" is empty");
            await using var tar = Decompression.ForDebianMember(
                member.Name,
                stem,
                Section(file, member),
                ArchiveLimits.Unpacked(member.Length, limit)
            );
            await rewriter(tar).CopyAsync(cancellationToken);
        }
        catch (Exception exception) when (Decompression.IsBrokenInput(exception))
        {
            throw Decompression.Broken($"\"{member.Name}\"", exception);
        }
    }

    private static FileSection Section(SafeFileHandle file, ArMember member) => new(file, member.Offset, member.Length);

    private static async Task WriteMemberAsync(
        Stream destination,
        ArMember member,
        string name,
        Stream content,
        long length,
        CancellationToken cancellationToken
    )
    {
        await destination.WriteAsync(ArArchive.HeaderFor(member, name, length), cancellationToken);
        await content.CopyToAsync(destination, cancellationToken);
        if (length % 2 != 0)
            await destination.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    /// <summary>deb(5): a major and a minor number; later minor versions may add lines, which readers skip.</summary>
    [GeneratedRegex(@"\A2\.[0-9]{1,6}\n", RegexOptions.CultureInvariant)]
    private static partial Regex FormatVersion();

    [GeneratedRegex(@"\A(?:\./)?([A-Za-z0-9][A-Za-z0-9._+-]{0,99})\z", RegexOptions.CultureInvariant)]
    private static partial Regex ControlEntry();
}
