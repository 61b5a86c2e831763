using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Builder.Analysis.Difference;
using Builder.Cli.Errors;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Cli.Diff;

/// <summary>Downloads artifacts and builds. Everything it gets is hostile: lengths, paths and hashes are checked.</summary>
internal sealed class SiteClient : IDisposable
{
    private const int CopyBuffer = 1 << 17;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    private readonly DiffProgress progress;
    private readonly HttpClient http;

    public SiteClient(DiffProgress progress)
    {
        this.progress = progress;
        var handler = new SocketsHttpHandler
        {
            MaxAutomaticRedirections = 5,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            UseCookies = false,
        };
        // How long a body may take depends on its length: only silence is limited.
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("builder-diff", null));
    }

    /// <summary>Writes the body to <paramref name="destination"/>; its hash is compared where the site gives it.</summary>
    /// <exception cref="CommandException">There is no such thing, it does not arrive, or it has another hash.</exception>
    public Task DownloadAsync(SiteUrl url, Stream destination, CancellationToken cancellationToken) =>
        GetAsync(
            url.Address,
            url.Shown,
            async (response, body) =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[CopyBuffer];
                int count;
                while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    hash.AppendData(buffer, 0, count);
                    await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }
                await destination.FlushAsync(cancellationToken);
                var actual = hash.GetHashAndReset();
                if (TryGetHash(response, out var expected) && !actual.AsSpan().SequenceEqual(expected))
                    throw new CommandException(
                        $"{url.Shown}: SHA-256 mismatch: the site says {Convert.ToHexStringLower(expected)}, the bytes have {Convert.ToHexStringLower(actual)}"
                    );
                return true;
            },
            cancellationToken
        );

    /// <summary>Extracts the artifacts of a build, in one pass.</summary>
    /// <param name="save">Takes an artifact: its path and its content, which can be read once.</param>
    public Task<ExtractedBuild> ExtractAsync(
        SiteUrl url,
        Func<ArtifactPath, Stream, CancellationToken, Task> save,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            url.Part("exec"),
            url.Shown,
            async (_, body) =>
            {
                try
                {
                    return await ExtractAsync(new ExecReader(body, ExecLimits.Default), save, cancellationToken);
                }
                catch (ProtocolException exception)
                {
                    throw new CommandException($"{url.Shown}: not a build: {exception.Message}");
                }
            },
            cancellationToken
        );

    public void Dispose() => http.Dispose();

    private static async Task<ExtractedBuild> ExtractAsync(
        ExecReader exec,
        Func<ArtifactPath, Stream, CancellationToken, Task> save,
        CancellationToken cancellationToken
    )
    {
        var head = await exec.ReadHeadAsync(cancellationToken);
        var console = await exec.ReadConsoleAsync(cancellationToken);
        await foreach (var line in console.NewestFirst.WithCancellation(cancellationToken))
        {
            // Only the artifacts are compared.
        }
        var tail = await exec.ReadTailAsync(cancellationToken);
        var artifacts = await exec.ReadArtifactsAsync(cancellationToken);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
        {
            await save(artifact.Path, artifact.Content, cancellationToken);
        }
        return new ExtractedBuild(
            head.Job,
            head.Uuid,
            tail.Result,
            new BuildFacts { Start = Moment(tail.Started), Finish = Moment(tail.Finished) }
        );
    }

    /// <summary>Null for the years that .NET does not have.</summary>
    private static DateTimeOffset? Moment(Timestamp time) =>
        time.Ticks >= -DateTimeOffset.UnixEpoch.Ticks && time.Ticks <= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks
            ? time.ToDateTimeOffset()
            : null;

    private async Task<T> GetAsync<T>(
        Uri address,
        string shown,
        Func<HttpResponseMessage, Stream, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        progress.Show($"downloading {shown}");
        try
        {
            using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            time.CancelAfter(MaxSilence);
            using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, time.Token);
            time.CancelAfter(Timeout.InfiniteTimeSpan);
            if (!response.IsSuccessStatusCode)
                throw new CommandException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"cannot download {shown}: the site answers {(int)response.StatusCode} {ReasonPhrases.GetReasonPhrase((int)response.StatusCode)}"
                    )
                );
            if (response.Content.Headers.ContentLength > BoundedInput.MaxLength)
                throw new CommandException($"cannot download {shown}: it has more than {BoundedInput.MaxLength} bytes");
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await read(response, new BoundedInput(body, shown, progress, MaxSilence));
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"cannot download {shown}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"cannot download {shown}: no answer within {MaxSilence.TotalSeconds:0} s");
        }
    }

    private static bool TryGetHash(HttpResponseMessage response, [NotNullWhen(true)] out byte[]? hash)
    {
        hash = new byte[SHA256.HashSizeInBytes];
        // Original sites write the tag without quotes, which a strict reader refuses.
        return response.RequestMessage?.RequestUri is { } address
            && SiteUrl.HasHash(address)
            && response.Headers.NonValidated.TryGetValues("ETag", out var tags)
            && Convert.TryFromBase64String(tags.ToString().Trim('"'), hash, out var written)
            && written == hash.Length;
    }
}
