using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference;

/// <summary>Takes what is unpacked: small in memory, else in a temporary file that the kernel deletes when it is closed.</summary>
internal sealed class Spool(DifferenceLimits limits, string directory)
{
    private long inMemory;

    /// <summary>Reads <paramref name="stream"/> to its end.</summary>
    /// <param name="allow">Called with the bytes that are about to be kept; throws where a limit is reached.</param>
    public Content Keep(string name, Stream stream, Action<int> allow, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        var memory = new MemoryStream();
        FileStream? file = null;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = stream.Read(buffer);
                if (count == 0)
                    break;
                allow(count);
                if (
                    file is null
                    && (
                        memory.Length + count > limits.MaxInMemory
                        || Interlocked.Read(ref inMemory) + memory.Length + count > limits.MaxInMemoryTotal
                    )
                )
                {
                    file = Create();
                    memory.WriteTo(file);
                    memory = new MemoryStream();
                }
                (file ?? (Stream)memory).Write(buffer, 0, count);
            }
            if (file is not null)
            {
                file.Flush();
                return new Content(name, ByteSource.Of(file.SafeFileHandle), file);
            }
            var bytes = memory.ToArray();
            Interlocked.Add(ref inMemory, bytes.Length);
            return new Content(name, ByteSource.Of(bytes), new Release(this, bytes.Length));
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    // Without a name at once: nothing is left behind, whatever ends the process.
    private FileStream Create()
    {
        var path = Path.Combine(directory, $"builder-difference-{Guid.NewGuid():N}");
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        File.Delete(path);
        return file;
    }

    private sealed class Release(Spool spool, int length) : IDisposable
    {
        private int left = length;

        public void Dispose() => Interlocked.Add(ref spool.inMemory, -Interlocked.Exchange(ref left, 0));
    }
}
