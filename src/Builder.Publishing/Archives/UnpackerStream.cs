using System.Diagnostics;
using Builder.Publishing.Files;

namespace Builder.Publishing.Archives;

/// <summary>Unpacks xz, lzma or bzip2 through the program of that name: streamed, with a bound on its memory. The program ends with this stream.</summary>
internal sealed class UnpackerStream : ReadOnlyStream
{
    /// <summary>What xz needs beside the dictionary is 1 MiB.</summary>
    private const int MemoryLimit = ArchiveLimits.MaxDictionary + (2 << 20);

    private readonly Process process;
    private readonly Task feeding;
    private readonly Task<string> complaints;
    private readonly CancellationTokenSource stopped = new();

    private UnpackerStream(Stream source, string program, string[] arguments)
    {
        process = Tool.Start(program, arguments, home: null);
        feeding = FeedAsync(source);
        complaints = process.StandardError.ReadToEndAsync(stopped.Token);
    }

    public static UnpackerStream Xz(Stream source) => XzTool(source, "xz");

    /// <summary>The older format of the xz program, without a checksum.</summary>
    public static UnpackerStream Lzma(Stream source) => XzTool(source, "lzma");

    /// <summary>Its blocks are 900 kB at most, so that it needs no limit.</summary>
    public static UnpackerStream Bzip2(Stream source) => new(source, "bzip2", ["--decompress", "--stdout", "--quiet"]);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken);
        if (count > 0 || buffer.IsEmpty)
            return count;
        await feeding;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode == 0)
            return 0;
        var message = (await complaints).Trim();
        throw new PackageException(
            message.Contains("Memory usage limit", StringComparison.OrdinalIgnoreCase)
                ? Decompression.TooLargeDictionary
                : $"cannot be unpacked: {message}"
        );
    }

    public override async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        await Task.WhenAll(feeding, complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        process.Dispose();
        stopped.Dispose();
        await base.DisposeAsync();
    }

    private static UnpackerStream XzTool(Stream source, string format) =>
        new(
            source,
            "xz",
            ["--decompress", $"--format={format}", "--stdout", "--quiet", "--threads=1", $"--memlimit-decompress={MemoryLimit}"]
        );

    private async Task FeedAsync(Stream source)
    {
        try
        {
            await source.CopyToAsync(process.StandardInput.BaseStream, stopped.Token);
            process.StandardInput.Close();
        }
        catch (IOException) when (!stopped.IsCancellationRequested)
        {
            // It has stopped reading; what it says on its exit tells why.
        }
    }
}
