using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Containers;

/// <summary>A directory on disk as an archive. Links are named, never followed; special files have no length and are never opened.</summary>
internal sealed class DirectoryReader(string root, DifferenceContext context) : IDisposable
{
    private const int MaxOpen = 32;

    private readonly Queue<LazyFile> open = [];

    /// <summary>Members in the order of their names: that on disk is nobody's.</summary>
    /// <exception cref="InvalidDataException">There are more members than the limit.</exception>
    public List<ArchiveMember> Read()
    {
        var members = new List<ArchiveMember>();
        Read(new DirectoryInfo(root), "", members);
        members.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return members;
    }

    public void Dispose()
    {
        while (open.TryDequeue(out var file))
            file.Dispose();
    }

    private void Read(DirectoryInfo directory, string prefix, List<ArchiveMember> members)
    {
        foreach (
            var entry in directory.EnumerateFileSystemInfos(
                "*",
                new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false }
            )
        )
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            context.CountMembers(1);
            var name = $"{prefix}{entry.Name}";
            var isLink = entry.LinkTarget is not null;
            var facts = context.Options.FactsOfFile?.Invoke(entry.FullName);
            var type =
                isLink ? "symbolic link"
                : entry is DirectoryInfo ? "directory"
                : facts?.SpecialType ?? "file";
            var fields = new List<MemberField>();
            if (facts is not null)
                fields.Add(
                    new MemberField(
                        "owner",
                        facts.Owner,
                        CauseKind.FileMetadata,
                        "Build as the same user, or give the files to one owner: chown -R 0:0."
                    )
                );
            if (!isLink)
                fields.Add(
                    new MemberField(
                        "mode",
                        MemberField.Octal((long)entry.UnixFileMode),
                        CauseKind.FileMetadata,
                        "Set the same umask in every build, or install files with install -m."
                    )
                );
            else
                fields.Add(new MemberField("link target", entry.LinkTarget!, null));
            members.Add(
                new ArchiveMember(
                    name,
                    type,
                    type == "file" && entry is FileInfo { Length: > 0 } file
                        ? Open(file)
                        : new Content(entry.Name, ByteSource.Of(ReadOnlyMemory<byte>.Empty)),
                    fields
                )
            );
            if (type == "directory")
                Read((DirectoryInfo)entry, $"{name}/", members);
        }
    }

    private Content Open(FileInfo file) => new(file.Name, new LazyFile(this, file.FullName, file.Length));

    private void Opened(LazyFile file)
    {
        open.Enqueue(file);
        if (open.Count > MaxOpen)
            open.Dequeue().Dispose();
    }

    /// <summary>Opened at the first read and closed when others are read: a tree has more files than a process may have open.</summary>
    private sealed class LazyFile(DirectoryReader reader, string path, long length) : ByteSource, IDisposable
    {
        private Microsoft.Win32.SafeHandles.SafeFileHandle? file;

        public override long Length => length;

        public override void Read(long offset, Span<byte> destination)
        {
            if (destination.IsEmpty)
                return;
            try
            {
                if (file is null)
                {
                    file = File.OpenHandle(path);
                    reader.Opened(this);
                }
                while (!destination.IsEmpty)
                {
                    var count = RandomAccess.Read(file, destination, offset);
                    if (count == 0)
                        throw new EndOfStreamException($"\"{path}\" became shorter while it was read");
                    destination = destination[count..];
                    offset += count;
                }
            }
            catch (Exception exception) when (exception is UnauthorizedAccessException or (IOException and not EndOfStreamException))
            {
                throw new InvalidDataException($"\"{path}\" cannot be read: {exception.Message}", exception);
            }
        }

        public void Dispose()
        {
            file?.Dispose();
            file = null;
        }
    }
}
