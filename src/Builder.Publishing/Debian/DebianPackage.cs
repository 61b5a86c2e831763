using System.Security.Cryptography;
using Builder.Publishing.Archives;
using Microsoft.Win32.SafeHandles;

namespace Builder.Publishing.Debian;

/// <summary>
/// A .deb: an ar archive of <c>debian-binary</c>, <c>control.tar.*</c> and <c>data.tar.*</c>. Reading it checks all of it;
/// writing it with another version leaves the data member as it is, byte for byte.
/// </summary>
internal sealed class DebianPackage : IDisposable
{
    /// <summary>More than any package of Debian's own, and what a disk can lose to a bomb's check: nothing, it is not written.</summary>
    private const long LargestData = 32L << 30;
    private const long LargestControl = 64L << 20;

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
    public static async Task<DebianPackage> OpenAsync(string path, CancellationToken cancellation)
    {
        var file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            var members = Known(await ArArchive.ReadMembersAsync(file, cancellation));
            await CheckFormatAsync(file, members[0], cancellation);
            var control = await ReadControlAsync(file, members[1], cancellation);
            await CheckDataAsync(file, members[2], cancellation);
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
    public async Task<(long Size, string Sha256)> WriteAsync(Stream destination, string version, CancellationToken cancellation)
    {
        using var control = new MemoryStream();
        await RewriteControlAsync(file, ControlMember, control, _ => Control.WithVersion(version), cancellation);

        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var written = new HashingStream(destination, sum);
        await written.WriteAsync(ArArchive.Magic.ToArray(), cancellation);
        await WriteMemberAsync(written, members[0], members[0].Name, Section(file, members[0]), members[0].Length, cancellation);
        control.Position = 0;
        await WriteMemberAsync(written, ControlMember, "control.tar", control, control.Length, cancellation);
        await WriteMemberAsync(written, DataMember, DataMember.Name, Section(file, DataMember), DataMember.Length, cancellation);
        return (written.Count, Convert.ToHexStringLower(sum.GetHashAndReset()));
    }

    public void Dispose() => file.Dispose();

    /// <summary>Exactly the three members, in their order; signatures of the package as it was (names with <c>_</c>) are left out.</summary>
    private static List<ArMember> Known(IReadOnlyList<ArMember> members)
    {
        var known = members.Where(member => !member.Name.StartsWith('_')).ToList();
        if (known.Count < 3 || known[0].Name != "debian-binary" || !IsTar(known[1], "control.tar") || !IsTar(known[2], "data.tar"))
            throw new PackageException("not a Debian package: its members are not debian-binary, control.tar and data.tar");
        return known.Count == 3
            ? known
            : throw new PackageException($"the package has a member \"{known[3].Name}\" after its data");
    }

    private static bool IsTar(ArMember member, string name) => member.Name == name || member.Name.StartsWith($"{name}.", StringComparison.Ordinal);

    private static async Task CheckFormatAsync(SafeFileHandle file, ArMember member, CancellationToken cancellation)
    {
        var start = new byte[Math.Min(member.Length, 4)];
        await Section(file, member).ReadExactlyAsync(start, cancellation);
        if (!start.AsSpan().StartsWith("2."u8))
            throw new PackageException("not a Debian package of format 2");
    }

    private static async Task<ControlFile> ReadControlAsync(SafeFileHandle file, ArMember member, CancellationToken cancellation)
    {
        byte[]? found = null;
        await RewriteControlAsync(file, member, Stream.Null, content => found = content, cancellation);
        return ControlFile.Parse(found ?? throw new PackageException($"\"{member.Name}\" has no control file"));
    }

    private static Task RewriteControlAsync(
        SafeFileHandle file, ArMember member, Stream output, Func<byte[], byte[]> replace, CancellationToken cancellation)
    {
        var found = false;
        return PassAsync(file, member, LargestControl, tar => new TarRewriter(tar, output, $"\"{member.Name}\"")
        {
            IsReplaced = name => name is "./control" or "control",
            Replace = (_, content) =>
            {
                if (found)
                    throw new PackageException($"\"{member.Name}\" has two control files");
                found = true;
                return replace(content);
            },
        }, cancellation);
    }

    private static Task CheckDataAsync(SafeFileHandle file, ArMember member, CancellationToken cancellation) =>
        PassAsync(file, member, LargestData, tar => new TarRewriter(tar, Stream.Null, $"\"{member.Name}\""), cancellation);

    private static async Task PassAsync(
        SafeFileHandle file, ArMember member, long limit, Func<Stream, TarRewriter> rewriter, CancellationToken cancellation)
    {
        try
        {
            await using var tar = Decompression.ForName(member.Name, Section(file, member), Bomb.Limit(member.Length, limit));
            await rewriter(tar).CopyAsync(cancellation);
        }
        catch (Exception exception) when (Decompression.IsBrokenInput(exception))
        {
            throw Decompression.Broken($"\"{member.Name}\"", exception);
        }
    }

    private static FileSection Section(SafeFileHandle file, ArMember member) => new(file, member.Offset, member.Length);

    private static async Task WriteMemberAsync(
        Stream destination, ArMember member, string name, Stream content, long length, CancellationToken cancellation)
    {
        await destination.WriteAsync(ArArchive.HeaderFor(member, name, length), cancellation);
        await content.CopyToAsync(destination, cancellation);
        if (length % 2 != 0)
            await destination.WriteAsync("\n"u8.ToArray(), cancellation);
    }
}
