using System.Text;

namespace Builder.Publishing.Archives;

/// <summary>
/// Copies a tar stream byte for byte, except for the content of the few files that the caller replaces. All of it is read and
/// checked on the way: that it is whole, its sums, its count of entries, and that no name leads out of the place it is unpacked to.
/// </summary>
internal sealed class TarRewriter
{
    private const int Block = 512;
    private const int MostEntries = 1_000_000;
    private const int LongestExtension = 1 << 20;

    private readonly Stream input;
    private readonly Stream output;
    private readonly string what;
    private readonly byte[] header = new byte[Block];
    private readonly byte[] buffer = new byte[1 << 16];

    public TarRewriter(Stream input, Stream output, string what) => (this.input, this.output, this.what) = (input, output, what);

    /// <summary>Whether entries may have absolute names, as in FreeBSD's packages.</summary>
    public bool AllowAbsoluteNames { get; init; }

    /// <summary>The most bytes that a file in <see cref="Replace"/> may have.</summary>
    public int LargestReplaced { get; init; } = 1 << 20;

    /// <summary>Given a regular file's name: whether its content is to be handed to <see cref="Replace"/>.</summary>
    public Func<string, bool> IsReplaced { get; init; } = _ => false;

    /// <summary>Name and content to new content.</summary>
    public Func<string, byte[], byte[]> Replace { get; init; } = (_, content) => content;

    /// <exception cref="PackageException">Not a whole tar archive, or one that must not be unpacked.</exception>
    public async Task CopyAsync(CancellationToken cancellation)
    {
        var entry = new TarExtension();
        for (var entries = 0; await ReadHeaderAsync(cancellation);)
        {
            if (++entries > MostEntries)
                throw new PackageException($"{what} has more than {MostEntries} entries");
            var type = header[156];
            var size = TarHeader.Size(header, what);
            if (type is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K')
            {
                await output.WriteAsync(header, cancellation);
                entry.Take(type, await ReadContentAsync(size, LongestExtension, cancellation), what);
                await WritePaddedAsync(entry.LastContent, cancellation);
                continue;
            }
            await CopyEntryAsync(type, entry.Size ?? size, entry, cancellation);
            entry = new TarExtension();
        }
        await CopyRestAsync(cancellation);
    }

    private async Task CopyEntryAsync(byte type, long size, TarExtension extension, CancellationToken cancellation)
    {
        var name = extension.Name ?? TarHeader.Name(header);
        CheckName(name);
        if (type == (byte)'1')
            CheckName(extension.LinkName ?? TarHeader.LinkName(header));
        var regular = type is (byte)'0' or 0 or (byte)'7';
        if (type is >= (byte)'1' and <= (byte)'6')
        {
            if (type == (byte)'1' && size != 0)
                throw new PackageException($"{what}: hard link \"{name}\" has content");
            size = 0;
        }
        if (!regular || !IsReplaced(name))
        {
            await output.WriteAsync(header, cancellation);
            await CopyContentAsync(size, cancellation);
            return;
        }
        if (extension.Size is not null)
            throw new PackageException($"{what}: \"{name}\" is too large");
        var replacement = Replace(name, await ReadContentAsync(size, LargestReplaced, cancellation));
        TarHeader.SetSize(header, replacement.Length);
        await output.WriteAsync(header, cancellation);
        await WritePaddedAsync(replacement, cancellation);
    }

    private void CheckName(string name)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            throw new PackageException($"{what} has an entry without a proper name");
        if (!AllowAbsoluteNames && name[0] == '/')
            throw new PackageException($"{what}: \"{name}\" is absolute");
        if (name.Split('/').Contains(".."))
            throw new PackageException($"{what}: \"{name}\" leads out of the package");
    }

    /// <summary>False at the end mark.</summary>
    private async Task<bool> ReadHeaderAsync(CancellationToken cancellation)
    {
        await ReadExactlyAsync(header, cancellation);
        if (header.AsSpan().ContainsAnyExcept((byte)0))
        {
            TarHeader.CheckSum(header, what);
            return true;
        }
        await output.WriteAsync(header, cancellation);
        return false;
    }

    private async Task CopyRestAsync(CancellationToken cancellation)
    {
        for (int count; (count = await input.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0))
                throw new PackageException($"{what} goes on after its end mark");
            await output.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }

    private async Task<byte[]> ReadContentAsync(long size, int most, CancellationToken cancellation)
    {
        if (size > most)
            throw new PackageException($"{what}: \"{TarHeader.Name(header)}\" has {size} bytes, at most {most} can be");
        var content = new byte[size];
        await ReadExactlyAsync(content, cancellation);
        var padding = new byte[Padding(size)];
        await ReadExactlyAsync(padding, cancellation);
        return content;
    }

    private async Task CopyContentAsync(long size, CancellationToken cancellation)
    {
        for (var left = size + Padding(size); left > 0;)
        {
            var count = await input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellation);
            if (count == 0)
                throw Truncated();
            await output.WriteAsync(buffer.AsMemory(0, count), cancellation);
            left -= count;
        }
    }

    private async Task WritePaddedAsync(byte[] content, CancellationToken cancellation)
    {
        await output.WriteAsync(content, cancellation);
        await output.WriteAsync(new byte[Padding(content.Length)], cancellation);
    }

    private async Task ReadExactlyAsync(Memory<byte> wanted, CancellationToken cancellation)
    {
        if (await input.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, cancellation) < wanted.Length)
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
