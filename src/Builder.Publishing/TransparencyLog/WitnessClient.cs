using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>Asks one witness to sign checkpoints (C2SP tlog-witness).</summary>
public sealed class WitnessClient(HttpClient http, WitnessAddress address)
{
    private const int MaxAnswerLength = 16 * 1024;

    private long lastSize;

    public string Name => address.Key.Name;

    /// <param name="prove">That the checkpoint continues one of so many entries.</param>
    /// <returns>The witness's signature, verified.</returns>
    /// <exception cref="HttpRequestException">It does not answer, or refuses; the message has its reason.</exception>
    /// <exception cref="InvalidLogDataException">What it answers is no signature of it.</exception>
    /// <exception cref="LogForkException">It signed a larger checkpoint of this log before: this log was restored from a backup and must not go on.</exception>
    public async Task<NoteSignature> CosignAsync(
        SignedCheckpoint signed,
        Func<long, ValueTask<IReadOnlyList<Sha256Digest>>> prove,
        CancellationToken cancellationToken
    )
    {
        var (status, answer) = await PostAsync(signed, prove, cancellationToken);
        if (status == HttpStatusCode.Conflict)
        {
            lastSize = SizeIn(answer, signed);
            (status, answer) = await PostAsync(signed, prove, cancellationToken);
            if (status == HttpStatusCode.Conflict)
                throw Fork(answer.TrimEnd('\n'), signed);
        }
        if (status != HttpStatusCode.OK)
            throw new HttpRequestException($"the witness {Name} answers {(int)status}: {Shorten(answer)}");
        var signature = SignatureIn(answer, signed);
        lastSize = signed.Size;
        return signature;
    }

    private long SizeIn(string answer, SignedCheckpoint signed)
    {
        if (!Checkpoint.TryParseSize(answer.TrimEnd('\n'), out var size))
            throw new InvalidLogDataException($"the witness {Name} answers with no size: {Shorten(answer)}");
        return size <= signed.Size ? size : throw Fork(answer.TrimEnd('\n'), signed);
    }

    private LogForkException Fork(string size, SignedCheckpoint signed) =>
        new($"the witness {Name} has signed {size} other entries of the log \"{signed.Checkpoint.Origin}\", which has {signed.Size}");

    private NoteSignature SignatureIn(string answer, SignedCheckpoint signed)
    {
        foreach (var line in answer.TrimEnd('\n').Split('\n'))
        {
            var signature = NoteSignature.Parse(line);
            if (address.Key.Verify(signed.Note.Text, signature))
                return signature;
        }
        throw new InvalidLogDataException($"the answer of the witness {Name} has no valid signature of the key {address.Key.Vkey}");
    }

    private async Task<(HttpStatusCode Status, string Answer)> PostAsync(
        SignedCheckpoint signed,
        Func<long, ValueTask<IReadOnlyList<Sha256Digest>>> prove,
        CancellationToken cancellationToken
    )
    {
        var request = new WitnessRequest(lastSize, await prove(lastSize), signed.Note);
        using var content = new ByteArrayContent(request.ToBytes());
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address.Url, "add-checkpoint")) { Content = content };
        using var answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = await BoundedBody.ReadAsync(body, MaxAnswerLength, address.Url.ToString(), cancellationToken);
        return (answer.StatusCode, Encoding.UTF8.GetString(bytes));
    }

    private static string Shorten(string answer) =>
        string.Create(CultureInfo.InvariantCulture, $"{answer.AsSpan(0, Math.Min(answer.Length, 200)).Trim()}");
}
