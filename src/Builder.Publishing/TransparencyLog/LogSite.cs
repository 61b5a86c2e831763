using System.Net;
using System.Text;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>A log on a Builder site, or on any server that has one under <c>/tlog</c>. What it sends is bounded and not believed.</summary>
public sealed class LogSite(HttpClient http, Uri site) : ITileSource
{
    private const int MaxKeyLength = 1024;

    public Uri Address { get; } = new(site.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/tlog/");

    /// <summary>The checkpoint as it is served.</summary>
    /// <exception cref="HttpRequestException">The site does not answer, or has no log.</exception>
    public async Task<byte[]> CheckpointAsync(CancellationToken cancellationToken) =>
        await GetAsync("checkpoint", SignedNote.MaxSizeInBytes, cancellationToken)
        ?? throw new HttpRequestException($"{Address}checkpoint: the site has no log");

    /// <summary>The key that the site names: to be believed only by who has no better source.</summary>
    /// <exception cref="HttpRequestException">The site does not answer, or has no log.</exception>
    /// <exception cref="InvalidLogDataException">Not a key.</exception>
    public async Task<NoteKey> KeyAsync(CancellationToken cancellationToken)
    {
        var bytes =
            await GetAsync("vkey", MaxKeyLength, cancellationToken)
            ?? throw new HttpRequestException($"{Address}vkey: the site has no log");
        return NoteKey.Parse(Encoding.UTF8.GetString(bytes).TrimEnd('\n'));
    }

    /// <exception cref="HttpRequestException">The site does not answer.</exception>
    public async ValueTask<byte[]?> ReadAsync(TileAddress address, CancellationToken cancellationToken)
    {
        var bytes = await GetAsync(address.Path, EntryBundle.MaxLength, cancellationToken);
        return bytes is null && !address.IsFull ? await GetAsync(address.Full.Path, EntryBundle.MaxLength, cancellationToken) : bytes;
    }

    private async Task<byte[]?> GetAsync(string path, int maxLength, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(Address, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{Address}{path}: the site answers {(int)answer.StatusCode}");
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return await BoundedBody.ReadAsync(body, maxLength, $"{Address}{path}", cancellationToken);
    }
}
