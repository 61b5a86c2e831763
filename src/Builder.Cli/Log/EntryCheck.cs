using System.Globalization;
using System.Net;
using Builder.Analysis.Values;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Publishing.TransparencyLog;

namespace Builder.Cli.Log;

/// <summary>Whether the site shows the statement that an entry of its log stands for: what is signed in secret is what a log is to make known.</summary>
internal sealed class EntryCheck(HttpClient http, Uri site)
{
    /// <returns>Null where all is right.</returns>
    /// <exception cref="HttpRequestException">The site does not answer.</exception>
    public async Task<string?> FaultOfAsync(long index, ReadOnlyMemory<byte> entry, CancellationToken cancellationToken)
    {
        try
        {
            var leaf = LogLeaf.Parse(entry);
            if (!leaf.HasValidSignature())
                return $"entry {index} has no valid signature";
            var statement = await StatementAsync(index, cancellationToken);
            if (statement is { Length: 0 })
                return null;
            if (statement is null)
                return $"entry {index}: the site does not show the {leaf.Kind} statement that it signed";
            var envelope = DsseEnvelope.Parse(statement);
            return Sha256Digest.Of(envelope.SignedBytes) == leaf.Digest
                ? null
                : $"entry {index}: the site shows another statement than the one that is in the log";
        }
        catch (Exception exception) when (exception is InvalidLogDataException or InvalidEnvelopeException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"entry {index}: {exception.Message}");
        }
    }

    /// <returns>Null where the site has none; empty where it withholds it until rebuilders agree.</returns>
    private async Task<byte[]?> StatementAsync(long index, CancellationToken cancellationToken)
    {
        var address = new Uri(site, string.Create(CultureInfo.InvariantCulture, $"/log/entry/{index}"));
        using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            return null;
        // Builds that wait for rebuilders: their hashes are not for anybody yet, and the page of the build says so.
        if (answer.StatusCode == HttpStatusCode.Forbidden)
            return [];
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{address}: the site answers {(int)answer.StatusCode}");
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return await BoundedBody.ReadAsync(body, DsseEnvelope.MaxSizeInBytes, address.ToString(), cancellationToken);
    }
}
