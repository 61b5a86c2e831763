using System.Diagnostics;
using Builder.Publishing.Files;

namespace Builder.Publishing.Archives;

/// <summary>Unpacks xz through the xz program: streamed, with a bound on its memory. The program ends with this stream.</summary>
internal sealed class XzStream : ReadOnlyStream
{
    private const string MemoryLimit = "--memlimit-decompress=256MiB";

    private readonly Process process;
    private readonly Task feeding;
    private readonly Task<string> complaints;
    private readonly CancellationTokenSource stopped = new();

    public XzStream(Stream source)
    {
        process = Tool.Start("xz", ["--decompress", "--stdout", "--quiet", "--threads=1", MemoryLimit], home: null);
        feeding = FeedAsync(source);
        complaints = process.StandardError.ReadToEndAsync(stopped.Token);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken);
        if (count > 0 || buffer.IsEmpty)
            return count;
        await feeding;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new PackageException($"cannot be unpacked: {(await complaints).Trim()}");
        return 0;
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
