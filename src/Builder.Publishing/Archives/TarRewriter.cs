using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Builder.Publishing.Archives;

/// <summary>
/// Copies a tar stream byte for byte, except for the content of the few files that the caller replaces. All of it is read and
/// checked on the way: that it is whole, its sums, its count of entries, and that no name leads out of the place it is unpacked to.
/// </summary>
internal sealed class TarRewriter
{
    private const int Block = 512;

    private readonly Stream input;
    private readonly Stream output;
    private readonly string what;
    private readonly byte[] header = new byte[Block];
    private readonly byte[] buffer = new byte[1 << 16];

    private readonly TarDialect dialect;

    /// <summary>Regular files so far, by the start of the hash of their names: hard links point to them.</summary>
    private readonly HashSet<ulong> files = [];

    /// <param name="what">The archive as messages name it.</param>
    public TarRewriter(Stream input, Stream output, TarDialect dialect, string what) =>
        (this.input, this.output, this.dialect, this.what) = (input, output, dialect, what);

    /// <summary>The most bytes that a file in <see cref="Replace"/> may have.</summary>
    public int LargestReplaced { get; init; } = 1 << 20;

    /// <summary>Given a regular file's name: whether its content is to be handed to <see cref="Replace"/>.</summary>
    public Func<string, bool> IsReplaced { get; init; } = _ => false;

    /// <summary>Name and content to new content.</summary>
    public Func<string, byte[], byte[]> Replace { get; init; } = (_, content) => content;

    /// <summary>Given an entry's name and type: throws where such an entry must not be there.</summary>
    public Action<string, byte> CheckEntry { get; init; } = (_, _) => { };

    /// <exception cref="PackageException">Not a whole tar archive, or one that must not be unpacked.</exception>
    public async Task CopyAsync(CancellationToken cancellationToken)
    {
        var entry = new TarExtension();
        for (var entries = 0; await ReadHeaderAsync(cancellationToken); )
        {
            if (++entries > ArchiveLimits.MaxTarEntries)
                throw new PackageException($"{what} has more than {ArchiveLimits.MaxTarEntries} entries");
            var type = header[156];
            CheckType(type);
            var size = TarHeader.Size(header, what);
            if (type is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K')
            {
                await output.WriteAsync(header, cancellationToken);
                entry.Take(type, await ReadContentAsync(size, ArchiveLimits.MaxTarExtension, cancellationToken), what);
                await WritePaddedAsync(entry.LastContent, cancellationToken);
                continue;
            }
            await CopyEntryAsync(type, entry.Size ?? size, entry, cancellationToken);
            entry = new TarExtension();
        }
        if (entry.Name is not null || entry.LinkName is not null || entry.Size is not null)
            throw new PackageException($"{what} ends after the header of an entry: it is truncated");
        await CopyRestAsync(cancellationToken);
    }

    private async Task CopyEntryAsync(byte type, long size, TarExtension extension, CancellationToken cancellationToken)
    {
        var name = extension.Name ?? TarHeader.Name(header);
        CheckName(name);
        CheckEntry(name, type);
        if (type == (byte)'1')
            CheckHardLink(name, extension.LinkName ?? TarHeader.LinkName(header));
        var regular = type is (byte)'0' or 0 or (byte)'7';
        if (regular && name.EndsWith('/') && size != 0)
            throw new PackageException($"{what}: \"{name}\" is named like a directory, but has content");
        if (regular && dialect == TarDialect.Dpkg)
            files.Add(KeyOf(name));
        if (type is >= (byte)'1' and <= (byte)'6')
        {
            if (type == (byte)'1' && size != 0)
                throw new PackageException($"{what}: hard link \"{name}\" has content");
            size = 0;
        }
        if (!regular || !IsReplaced(name))
        {
            await output.WriteAsync(header, cancellationToken);
            await CopyContentAsync(size, cancellationToken);
            return;
        }
        if (extension.Size is not null)
            throw new PackageException($"{what}: \"{name}\" is too large");
        var replacement = Replace(name, await ReadContentAsync(size, LargestReplaced, cancellationToken));
        TarHeader.SetSize(header, replacement.Length);
        await output.WriteAsync(header, cancellationToken);
        await WritePaddedAsync(replacement, cancellationToken);
    }

    private void CheckName(string name)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            throw new PackageException($"{what} has an entry without a proper name");
        if (dialect == TarDialect.Dpkg && name[0] == '/')
            throw new PackageException($"{what}: \"{name}\" is absolute");
        if (dialect == TarDialect.Dpkg && name.Contains('\n', StringComparison.Ordinal))
            throw new PackageException(
                $"{what}: a name has a newline, which dpkg refuses: \"{name.Replace("\n", "\\n", StringComparison.Ordinal)}\""
            );
        if (name.Split('/').Contains(".."))
            throw new PackageException($"{what}: \"{name}\" leads out of the package");
    }

    private void CheckType(byte type)
    {
        if (dialect != TarDialect.Dpkg || type is 0 or (>= (byte)'0' and <= (byte)'6') or (byte)'L' or (byte)'K')
            return;
        var shown = type is >= 0x20 and < 0x7f ? $"'{(char)type}'" : $"0x{type:x2}";
        throw new PackageException(
            type is (byte)'x' or (byte)'g'
                ? $"{what} has pax headers (entry type {shown}), which dpkg does not unpack: make it with tar --format=gnu"
                : $"{what} has an entry of type {shown}, which dpkg does not unpack: make it with tar --format=gnu"
        );
    }

    /// <summary>dpkg links to a file of the same package, which must have come before; another's would depend on what is installed.</summary>
    private void CheckHardLink(string name, string target)
    {
        CheckName(target);
        if (dialect == TarDialect.Dpkg && !files.Contains(KeyOf(target)))
            throw new PackageException($"{what}: \"{name}\" is a hard link to \"{target}\", which is no file before it in the archive");
    }

    /// <summary>Names are not kept: a million long ones would take much memory.</summary>
    private static ulong KeyOf(string name)
    {
        var relative = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.Latin1.GetBytes(relative)));
    }

    /// <summary>False at the end mark, and for dpkg where the archive ends without one.</summary>
    private async Task<bool> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var count = await input.ReadAtLeastAsync(header, Block, throwOnEndOfStream: false, cancellationToken);
        if (count == 0 && dialect == TarDialect.Dpkg)
        {
            await output.WriteAsync(new byte[2 * Block], cancellationToken);
            return false;
        }
        if (count < Block)
            throw Truncated();
        if (header.AsSpan().ContainsAnyExcept((byte)0))
        {
            TarHeader.CheckSum(header, what);
            if (header[0] == 0)
                throw new PackageException($"{what} has an entry without a name");
            return true;
        }
        await output.WriteAsync(header, cancellationToken);
        return false;
    }

    private async Task CopyRestAsync(CancellationToken cancellationToken)
    {
        for (int count; (count = await input.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0))
                throw new PackageException($"{what} goes on after its end mark");
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private async Task<byte[]> ReadContentAsync(long size, int most, CancellationToken cancellationToken)
    {
        if (size > most)
            throw new PackageException($"{what}: \"{TarHeader.Name(header)}\" has {size} bytes, at most {most} can be");
        var content = new byte[size];
        await ReadExactlyAsync(content, cancellationToken);
        var padding = new byte[Padding(size)];
        await ReadExactlyAsync(padding, cancellationToken);
        return content;
    }

    private async Task CopyContentAsync(long size, CancellationToken cancellationToken)
    {
        for (var left = size + Padding(size); left > 0; )
        {
            var count = await input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
            if (count == 0)
                throw Truncated();
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            left -= count;
        }
    }

    private async Task WritePaddedAsync(byte[] content, CancellationToken cancellationToken)
    {
        await output.WriteAsync(content, cancellationToken);
        await output.WriteAsync(new byte[Padding(content.Length)], cancellationToken);
    }

    private async Task ReadExactlyAsync(Memory<byte> wanted, CancellationToken cancellationToken)
    {
        if (await input.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, cancellationToken) < wanted.Length)
            throw Truncated();
    }

    private PackageException Truncated() => new($"{what} ends in the middle: it is truncated");

    private static int Padding(long size) => (int)((Block - (size % Block)) % Block);

    /// <summary>For people and comparisons; bytes that are not UTF-8 are kept apart by Latin-1.</summary>
    internal static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
