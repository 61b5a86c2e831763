using System.Globalization;
using System.Text;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Containers;

/// <summary>Members of a tar archive with the fields of their headers: ustar, pax (POSIX.1-2001) and GNU. Contents are ranges of the archive, not copies.</summary>
internal static class TarReader
{
    private const int MaxExtension = 1 << 20;

    /// <exception cref="InvalidDataException">Truncated, or a header that is none.</exception>
    public static List<ArchiveMember> Read(Content archive, DifferenceContext context)
    {
        var members = new List<ArchiveMember>();
        var global = new Dictionary<string, string>(StringComparer.Ordinal);
        var local = new Dictionary<string, string>(StringComparer.Ordinal);
        for (long offset = 0; offset < archive.Length; )
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var header = archive.Read(offset, TarFields.Length);
            if (header.Length < TarFields.Length || !header.AsSpan().ContainsAnyExcept((byte)0))
                break;
            if (!TarFields.IsHeader(header))
                throw new InvalidDataException($"the tar archive has no header at offset {offset}");
            context.CountMembers(1);
            var type = (char)header[156];
            var size = Size(header, local, global, type);
            var start = offset + TarFields.Length;
            if (size < 0 || size > archive.Length - start)
                throw new InvalidDataException($"the tar archive ends within the member at offset {offset}");
            offset = start + ((size + TarFields.Length - 1) / TarFields.Length * TarFields.Length);
            if (type is 'x' or 'g' or 'L' or 'K')
            {
                ReadExtension(archive.Section("extension", start, size).ReadAll(MaxExtension), type, type == 'g' ? global : local);
                continue;
            }
            members.Add(Member(archive, header, start, size, type, local, global));
            local.Clear();
        }
        return members;
    }

    private static long Size(byte[] header, Dictionary<string, string> local, Dictionary<string, string> global, char type)
    {
        if (type is not ('x' or 'g' or 'L' or 'K') && (local.TryGetValue("size", out var text) || global.TryGetValue("size", out text)))
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : -1;
        // Links and devices may have a size and no content.
        return type is '1' or '2' or '3' or '4' or '5' or '6' ? 0 : TarFields.Number(header.AsSpan(124, 12)) ?? -1;
    }

    private static ArchiveMember Member(
        Content archive,
        byte[] header,
        long start,
        long size,
        char type,
        Dictionary<string, string> local,
        Dictionary<string, string> global
    )
    {
        var name = Value("path", local, global) ?? Name(header);
        var fields = new List<MemberField>
        {
            new("modification time", Time(header, local, global), CauseKind.Timestamp, Fixes.Tar),
            new(
                "mode",
                TarFields.Number(header.AsSpan(100, 8)) is { } mode ? MemberField.Octal(mode) : TarFields.Text(header.AsSpan(100, 8)),
                CauseKind.FileMetadata,
                Fixes.Mode
            ),
            new("owner", Value("uid", local, global) ?? TarFields.Shown(header.AsSpan(108, 8)), CauseKind.FileMetadata, Fixes.TarOwner),
            new("group", Value("gid", local, global) ?? TarFields.Shown(header.AsSpan(116, 8)), CauseKind.FileMetadata, Fixes.TarOwner),
            new(
                "owner name",
                Value("uname", local, global) ?? TarFields.Text(header.AsSpan(265, 32)),
                CauseKind.FileMetadata,
                Fixes.TarOwner
            ),
            new(
                "group name",
                Value("gname", local, global) ?? TarFields.Text(header.AsSpan(297, 32)),
                CauseKind.FileMetadata,
                Fixes.TarOwner
            ),
            new("format", TarFields.Format(header), CauseKind.Content, "Use the same tar with the same --format in every build."),
        };
        if (type is '1' or '2')
            fields.Add(new MemberField("link target", Value("linkpath", local, global) ?? TarFields.Text(header.AsSpan(157, 100)), null));
        if (type is '3' or '4')
            fields.Add(
                new MemberField(
                    "device",
                    $"{TarFields.Shown(header.AsSpan(329, 8))}:{TarFields.Shown(header.AsSpan(337, 8))}",
                    CauseKind.Content
                )
            );
        foreach (var (key, value) in local.Concat(global.Where(record => !local.ContainsKey(record.Key))))
        {
            if (
                key
                is "path"
                    or "linkpath"
                    or "size"
                    or "uid"
                    or "gid"
                    or "uname"
                    or "gname"
                    or "mtime"
                    or "GNU long name"
                    or "GNU long link"
            )
                continue;
            var isTime = key is "atime" or "ctime" or "LIBARCHIVE.creationtime";
            fields.Add(
                new MemberField(
                    $"pax {key}",
                    value,
                    isTime ? CauseKind.Timestamp : null,
                    isTime ? "Run tar with --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime." : null
                )
            );
        }
        return new ArchiveMember(name, TypeName(type, name), archive.Section(Path.GetFileName(name), start, size), fields);
    }

    private static string Name(byte[] header)
    {
        var name = TarFields.Text(header.AsSpan(0, 100));
        var prefix = TarFields.IsUstar(header) ? TarFields.Text(header.AsSpan(345, 155)) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private static string Time(byte[] header, Dictionary<string, string> local, Dictionary<string, string> global)
    {
        if (Value("mtime", local, global) is { } text)
        {
            var parts = text.Split('.', 2);
            if (long.TryParse(parts[0], CultureInfo.InvariantCulture, out var whole))
                return MemberField.Time(whole) + (parts.Length > 1 ? $".{parts[1]}" : "");
            return text;
        }
        return TarFields.Number(header.AsSpan(136, 12)) is { } seconds ? MemberField.Time(seconds) : TarFields.Text(header.AsSpan(136, 12));
    }

    private static string? Value(string key, Dictionary<string, string> local, Dictionary<string, string> global) =>
        local.TryGetValue(key, out var value) || global.TryGetValue(key, out value) ? value : null;

    private static string TypeName(char type, string name) =>
        type switch
        {
            '0' or '\0' or '7' => name.EndsWith('/') && type != '0' ? "directory" : "file",
            '1' => "hard link",
            '2' => "symbolic link",
            '3' => "character device",
            '4' => "block device",
            '5' => "directory",
            '6' => "named pipe",
            'S' => "sparse file",
            _ => "other",
        };

    // "LENGTH KEY=VALUE\n", the length counting itself.
    private static void ReadExtension(byte[] bytes, char type, Dictionary<string, string> records)
    {
        if (type is 'L' or 'K')
        {
            records[type == 'L' ? "path" : "linkpath"] = TarFields.Text(bytes);
            return;
        }
        var rest = bytes.AsSpan();
        while (!rest.IsEmpty)
        {
            var space = rest.IndexOf((byte)' ');
            if (
                space < 1
                || !int.TryParse(Encoding.ASCII.GetString(rest[..space]), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1
                || length > rest.Length
            )
                throw new InvalidDataException("the tar archive has a broken pax header");
            var record = Encoding.UTF8.GetString(rest[(space + 1)..length]).TrimEnd('\n');
            var equals = record.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                records[record[..equals]] = record[(equals + 1)..];
            rest = rest[length..];
        }
    }
}
