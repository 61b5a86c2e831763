using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Proof.Log;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Cli.Verify;

/// <summary>Fetches from a site what there is to check. Lengths are bounded; nothing is believed.</summary>
internal sealed class VerifySite : ITileSource, IDisposable
{
    private const int MaxSmallFile = 4 * 1024 * 1024;
    private const int MaxStatements = 64 * 1024 * 1024;
    private const long MaxArtifact = 4L << 30;
    private const int CopyBuffer = 1 << 17;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;

    /// <param name="handler">Answers instead of the network; null for the network.</param>
    public VerifySite(Uri address, HttpMessageHandler? handler)
    {
        Address = address;
        _http = new HttpClient(
            handler
                ?? new SocketsHttpHandler
                {
                    MaxAutomaticRedirections = 5,
                    ConnectTimeout = TimeSpan.FromSeconds(15),
                    UseCookies = false,
                },
            disposeHandler: handler is null
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("builder-verify", null));
    }

    public Uri Address { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>The list of keys, in its envelope; null where the site has none.</summary>
    public Task<byte[]?> KeysAsync(CancellationToken cancellationToken) =>
        GetAsync("/.well-known/builder-keys.json", MaxSmallFile, cancellationToken);

    /// <summary>What the log shows now; null where the site has none.</summary>
    public Task<byte[]?> CheckpointAsync(CancellationToken cancellationToken) =>
        GetAsync("/tlog/checkpoint", SignedNote.MaxSizeInBytes, cancellationToken);

    /// <summary>Signed statements; null where the site has none at that path.</summary>
    public Task<byte[]?> StatementsAsync(string path, CancellationToken cancellationToken) =>
        GetAsync(path, MaxStatements, cancellationToken);

    public async ValueTask<byte[]?> ReadAsync(TileAddress address, CancellationToken cancellationToken) =>
        await GetAsync($"/tlog/{address.Path}", MaxSmallFile, cancellationToken)
        ?? (address.IsFull ? null : await GetAsync($"/tlog/{address.Full.Path}", MaxSmallFile, cancellationToken));

    /// <summary>The SHA-256 of what is at an address, and the address in the end.</summary>
    public Task<(Sha256Digest Digest, Uri Address)> HashAsync(Uri address, CancellationToken cancellationToken) =>
        SendAsync(
            address,
            async (response, time) =>
            {
                if (!response.IsSuccessStatusCode)
                    throw Refused(address, response.StatusCode);
                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[CopyBuffer];
                var length = 0L;
                int count;
                while ((count = await body.ReadAsync(buffer, time.Token)) > 0)
                {
                    // Silence is limited, not how long all of it takes.
                    time.CancelAfter(MaxTime);
                    hash.AppendData(buffer, 0, count);
                    length += count;
                    if (length > MaxArtifact)
                        throw new CommandException($"{Shown(address)} has more than {MaxArtifact} bytes", ExitCode.Trouble);
                }
                return (Sha256Digest.FromBytes(hash.GetHashAndReset()), response.RequestMessage?.RequestUri ?? address);
            },
            cancellationToken
        );

    private Task<byte[]?> GetAsync(string path, int maxSize, CancellationToken cancellationToken)
    {
        var address = new Uri(Address, path);
        return SendAsync(
            address,
            async (response, time) =>
            {
                if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.BadRequest)
                    return null;
                if (!response.IsSuccessStatusCode)
                    throw Refused(address, response.StatusCode);
                await using var body = await response.Content.ReadAsStreamAsync(time.Token);
                using var content = new MemoryStream();
                var buffer = new byte[CopyBuffer];
                int count;
                while ((count = await body.ReadAsync(buffer, time.Token)) > 0)
                {
                    content.Write(buffer, 0, count);
                    if (content.Length > maxSize)
                        throw new CommandException($"{Shown(address)} has more than {maxSize} bytes", ExitCode.Trouble);
                }
                return content.ToArray();
            },
            cancellationToken
        );
    }

    private async Task<T> SendAsync<T>(
        Uri address,
        Func<HttpResponseMessage, CancellationTokenSource, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(MaxTime);
        try
        {
            using var response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, time.Token);
            return await read(response, time);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"cannot fetch {Shown(address)}: {exception.Message}", ExitCode.Trouble);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"cannot fetch {Shown(address)}: no answer within {MaxTime.TotalSeconds:0} s", ExitCode.Trouble);
        }
    }

    private static CommandException Refused(Uri address, HttpStatusCode status) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"cannot fetch {Shown(address)}: the site answers {(int)status} {ReasonPhrases.GetReasonPhrase((int)status)}"
            ),
            ExitCode.Trouble
        );

    private static string Shown(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped);
}
