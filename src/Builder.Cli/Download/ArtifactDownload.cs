using System.Globalization;
using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Builder.Cli.Text;

namespace Builder.Cli.Download;

/// <summary>One download: nothing where the artifact is here, a patch where the site has one for a file that is here, else the artifact itself.</summary>
/// <param name="target">An absolute path; no link.</param>
/// <param name="have">A file or a directory; null for none.</param>
internal sealed class ArtifactDownload(ArtifactUrl artifact, string target, string? have)
{
    private readonly SiteUrl url = artifact.Url;

    /// <returns>A line that says how much was downloaded.</returns>
    /// <exception cref="CommandException">There is no such artifact, it does not arrive, or its bytes have another hash than the site says.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await using var progress = new DiffProgress();
        progress.Show($"downloading {url.Shown}");
        using var site = new ArtifactSite(url, progress);
        try
        {
            var remote = await site.DescribeAsync(cancellationToken);
            return $"{Printable.Of(Path.GetFileName(target))}: {Number(remote.Length)} bytes, {await DownloadAsync(site, remote, cancellationToken)}";
        }
        catch (HttpRequestException exception)
        {
            var isUnreachable = exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
            var reason = exception.HttpRequestError == HttpRequestError.SecureConnectionError ? exception.InnerException : exception;
            throw new CommandException(
                $"cannot download {url.Shown}: {(reason ?? exception).Message}",
                isUnreachable ? ExitCode.Unreachable : ExitCode.Failed
            );
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot download {url.Shown}: {exception.Message}");
        }
    }

    private async Task<string> DownloadAsync(ArtifactSite site, RemoteFile remote, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(remote, cancellationToken);
        if (known.Find(file => file.Digest == remote.Digest) is { File: { } same })
        {
            if (same.FullName != target)
                await CopyAsync(same, remote, cancellationToken);
            return $"downloaded 0: {Printable.Of(same.FullName)} is this artifact";
        }
        await using var partial = PartialFile.Open(target, remote);
        RequireSpace(remote, partial);
        return await TryPatchesAsync(site, remote, known, partial, cancellationToken)
            ?? await FetchAsync(site, remote, partial, cancellationToken);
    }

    private async Task<List<(FileInfo File, Sha256Digest Digest)>> KnownAsync(RemoteFile remote, CancellationToken cancellationToken)
    {
        var known = new List<(FileInfo, Sha256Digest)>();
        foreach (var file in KnownFiles.Find(target, have, url.FileName, remote.Length))
        {
            try
            {
                var digest = await KnownFiles.HashAsync(file, cancellationToken);
                known.Add((file, digest));
                if (digest == remote.Digest)
                    break;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await WarnAsync($"cannot use {Printable.Of(file.FullName)} for a patch: {exception.Message}");
            }
        }
        return known;
    }

    private async Task CopyAsync(FileInfo same, RemoteFile remote, CancellationToken cancellationToken)
    {
        await using var partial = PartialFile.Open(target, remote);
        RequireSpace(remote, partial);
        await using (var content = same.OpenRead())
            await partial.WriteAsync(0, content, cancellationToken);
        if (await partial.HashAsync(cancellationToken) != remote.Digest)
        {
            partial.Clear();
            throw new CommandException($"\"{Printable.Of(same.FullName)}\" changed while it was copied; run the command again");
        }
        await partial.PublishAsync(cancellationToken);
    }

    private static async Task<string?> TryPatchesAsync(
        ArtifactSite site,
        RemoteFile remote,
        List<(FileInfo File, Sha256Digest Digest)> known,
        PartialFile partial,
        CancellationToken cancellationToken
    )
    {
        foreach (var (file, digest) in known)
        {
            // Where most of it is here from before, the rest may be less than the patch.
            if (
                await site.PatchLengthAsync(remote, digest, cancellationToken) is not { } length
                || length >= remote.Length - partial.Length
            )
                continue;
            try
            {
                using var content = await PatchAsync(site, remote, file, digest, length, cancellationToken);
                if (content is null)
                    continue;
                partial.Write(content.Span);
                await partial.PublishAsync(cancellationToken);
                return $"downloaded {Number(length)} ({Share(length, remote.Length)} %) as a patch of {Printable.Of(file.FullName)}";
            }
            catch (Exception exception)
                when (exception is InvalidDataException or EndOfStreamException or HttpIOException or OutOfMemoryException)
            {
                await WarnAsync(
                    $"cannot use the patch of {Printable.Of(file.FullName)}: {exception.Message}; downloading the whole artifact"
                );
                return null;
            }
        }
        return null;
    }

    /// <returns>The artifact; null where the site has no patch after all.</returns>
    /// <exception cref="InvalidDataException">Something else than a patch that makes the artifact.</exception>
    private static async Task<NativeBytes?> PatchAsync(
        ArtifactSite site,
        RemoteFile remote,
        FileInfo file,
        Sha256Digest digest,
        long length,
        CancellationToken cancellationToken
    )
    {
        await using var body = await site.OpenPatchAsync(remote, digest, length, cancellationToken);
        if (body is null)
            return null;
        using var patch = new NativeBytes(length);
        await patch.ReadAsync(body, cancellationToken);
        using var before = new NativeBytes(file.Length);
        await using (var stream = file.OpenRead())
            await before.ReadAsync(stream, cancellationToken);
        var content = DeltaCodec.Apply(patch, before, digest, remote.Length);
        if (Sha256Digest.Of(content.Span) == remote.Digest)
            return content;
        content.Dispose();
        throw new InvalidDataException("it makes bytes with another SHA-256");
    }

    private async Task<string> FetchAsync(ArtifactSite site, RemoteFile remote, PartialFile partial, CancellationToken cancellationToken)
    {
        var downloaded = 0L;
        while (true)
        {
            var start = partial.Length;
            if (start < remote.Length)
            {
                start = await ReceiveAsync(site, remote, partial, cancellationToken);
                downloaded += partial.Length - start;
            }
            var found = await partial.HashAsync(cancellationToken);
            if (found == remote.Digest)
            {
                await partial.PublishAsync(cancellationToken);
                return $"downloaded {Number(downloaded)}" + (start > 0 ? $", continued after {Number(start)}" : "");
            }
            partial.Clear();
            // A crash of the machine may have damaged what an earlier download left.
            if (start == 0)
                throw new CommandException($"{url.Shown}: SHA-256 mismatch: the site says {remote.Digest}, the bytes have {found}");
            await WarnAsync("the earlier part of this download is damaged; downloading the whole artifact");
        }
    }

    /// <returns>From where on the bytes are new.</returns>
    private async Task<long> ReceiveAsync(ArtifactSite site, RemoteFile remote, PartialFile partial, CancellationToken cancellationToken)
    {
        var (start, body) = await site.OpenAsync(remote, partial.Length, cancellationToken);
        await using (body)
        {
            try
            {
                await partial.WriteAsync(start, body, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                throw Incomplete(exception.Message);
            }
        }
        return partial.Length == remote.Length ? start : throw Incomplete("the site ended the answer");

        CommandException Incomplete(string reason) =>
            new(
                $"cannot download {url.Shown}: {reason} after {Number(partial.Length)} of {Number(remote.Length)} bytes; run the same command again to continue"
            );
    }

    /// <summary>Before anything is written: a site may announce any length.</summary>
    private void RequireSpace(RemoteFile remote, PartialFile partial)
    {
        var directory = Path.GetDirectoryName(target)!;
        var needed = remote.Length - partial.Length;
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (needed > free)
            throw new CommandException(
                $"cannot download {url.Shown}: it needs {Number(needed)} bytes, but \"{Printable.Of(directory)}\" has space for {Number(free)}"
            );
    }

    private static Task WarnAsync(string message) => Console.Error.WriteLineAsync($"builder: {message}");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture);
}
