using System.Globalization;
using System.Text;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Containers;

/// <summary>
/// The ar format (ar(5)): a magic line, then members with a header of 60 bytes each at an even offset.
/// Long names as GNU (<c>//</c>) and BSD (<c>#1/</c>) write them.
/// </summary>
internal static class ArReader
{
    private const int HeaderLength = 60;
    private const int MaxName = 4096;

    public static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    /// <exception cref="InvalidDataException">Truncated, or no such archive.</exception>
    public static List<ArchiveMember> Read(Content archive, DifferenceContext context)
    {
        var members = new List<ArchiveMember>();
        var isDebian = archive.Read(Magic.Length, 13).AsSpan().SequenceEqual("debian-binary"u8);
        Content? longNames = null;
        for (long offset = Magic.Length; offset < archive.Length; )
        {
            context.CountMembers(1);
            var header = archive.Read(offset, HeaderLength);
            if (header.Length < HeaderLength || header[58] != '`' || header[59] != '\n')
                throw new InvalidDataException($"the ar archive has no member header at offset {offset}");
            var size =
                Number(header, 48, 10) ?? throw new InvalidDataException($"the size of the member at offset {offset} is not a number");
            var start = offset + HeaderLength;
            if (size > archive.Length - start)
                throw new InvalidDataException($"the ar archive ends within the member at offset {offset}");
            offset = start + size + (size & 1);

            var name = Encoding.UTF8.GetString(header, 0, 16).TrimEnd(' ');
            if (name == "//")
            {
                longNames = archive.Section(name, start, size);
                continue;
            }
            if (
                name.StartsWith("#1/", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(3), CultureInfo.InvariantCulture, out var length)
                && length >= 0
                && length <= Math.Min(size, MaxName)
            )
            {
                name = Encoding.UTF8.GetString(archive.Read(start, length)).TrimEnd('\0');
                (start, size) = (start + length, size - length);
            }
            else if (
                name.Length > 1
                && name[0] == '/'
                && int.TryParse(name.AsSpan(1), CultureInfo.InvariantCulture, out var at)
                && longNames is not null
            )
            {
                name = LongName(longNames, at);
            }
            var isIndex = name is "/" or "/SYM64/" or "__.SYMDEF" or "__.SYMDEF SORTED";
            members.Add(
                new ArchiveMember(
                    isIndex ? "symbol table" : name.TrimEnd('/'),
                    "file",
                    archive.Section(name, start, size),
                    Fields(header, isDebian)
                )
                {
                    IsIndex = isIndex,
                }
            );
        }
        return members;
    }

    private static string LongName(Content names, int offset)
    {
        var bytes = names.Read(offset, MaxName);
        var end = bytes.AsSpan().IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end).TrimEnd('/');
    }

    private static MemberField[] Fields(byte[] header, bool isDebian) =>
        [
            new(
                "modification time",
                Number(header, 16, 12) is { } time ? MemberField.Time(time) : Text(header, 16, 12),
                CauseKind.Timestamp,
                isDebian ? Fixes.Deb : Fixes.Ar
            ),
            new("owner", Text(header, 28, 6), CauseKind.FileMetadata, Fixes.Ar),
            new("group", Text(header, 34, 6), CauseKind.FileMetadata, Fixes.Ar),
            new("mode", Text(header, 40, 8), CauseKind.FileMetadata, Fixes.Ar),
        ];

    private static string Text(byte[] header, int offset, int length) => Encoding.Latin1.GetString(header, offset, length).TrimEnd(' ');

    private static long? Number(byte[] header, int offset, int length) =>
        long.TryParse(Text(header, offset, length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
