using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Builder.Publishing.Archives;

/// <summary>The ar format as .deb files use it: a magic line, then members with a header of 60 bytes, each at an even offset.</summary>
internal static class ArArchive
{
    public const int HeaderLength = 60;

    public static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    /// <exception cref="PackageException">Not such an archive, or truncated.</exception>
    public static async Task<IReadOnlyList<ArMember>> ReadMembersAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var length = RandomAccess.GetLength(file);
        var magic = new byte[Magic.Length];
        if (await RandomAccess.ReadAsync(file, magic, 0, cancellationToken) < magic.Length || !magic.AsSpan().SequenceEqual(Magic))
            throw new PackageException("not a Debian package: it does not start as an ar archive");

        var members = new List<ArMember>();
        for (long offset = magic.Length; offset < length; )
        {
            if (members.Count == ArchiveLimits.MaxArMembers)
                throw new PackageException($"the archive has more than {ArchiveLimits.MaxArMembers} members");
            var header = new byte[HeaderLength];
            if (await RandomAccess.ReadAsync(file, header, offset, cancellationToken) < HeaderLength)
                throw new PackageException("the archive ends in the header of a member: it is truncated");
            var member = Parse(header, offset + HeaderLength);
            if (member.Length > length - member.Offset)
                throw new PackageException($"the archive ends within member \"{member.Name}\": it is truncated");
            members.Add(member);
            offset = member.Offset + member.Length + (member.Length % 2);
        }
        return members;
    }

    /// <summary>The header of <paramref name="member"/> for another name and size; time, owner and mode stay.</summary>
    public static byte[] HeaderFor(ArMember member, string name, long size)
    {
        var header = member.Header.ToArray();
        Encoding.ASCII.GetBytes(name.PadRight(16)).CopyTo(header, 0);
        Encoding.ASCII.GetBytes(size.ToString(CultureInfo.InvariantCulture).PadRight(10)).CopyTo(header, 48);
        return header;
    }

    private static ArMember Parse(byte[] header, long offset)
    {
        if (header[58] != (byte)'`' || header[59] != (byte)'\n')
            throw new PackageException("the archive has a broken member header");
        var name = Encoding.Latin1.GetString(header, 0, 16).TrimEnd(' ').TrimEnd('/');
        var digits = header.AsSpan(48, 10).TrimEnd((byte)' ');
        if (!Utf8Parser.TryParse(digits, out long size, out var used) || used != digits.Length || size < 0)
            throw new PackageException($"the archive's member \"{name}\" has no size");
        return new ArMember(name, offset, size, header);
    }
}
