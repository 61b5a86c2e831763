using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Builder.Testing;

namespace Builder.Web.Tests;

/// <summary>A request that the reference program was sent, and what it answered.</summary>
/// <param name="Body">The answer's body where it was kept: not of pages.</param>
public sealed record ReferenceCase(
    string Phase,
    string Name,
    string Method,
    string Target,
    IReadOnlyList<KeyValuePair<string, string>> RequestHeaders,
    int Status,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    byte[]? Body,
    byte[] RequestBody
)
{
    public static IReadOnlyList<ReferenceCase> All { get; } = Load();

    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Sends the request as it was written, byte by byte: clients tidy paths up.</summary>
    public async Task<RawAnswer> SendAsync(Uri site, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(site.Host, site.Port, cancellationToken);
        var request = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: {site.Authority}\r\nConnection: close\r\n");
        foreach (var (name, value) in RequestHeaders)
            request.Append($"{name}: {value}\r\n");
        request.Append("\r\n");
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request.ToString()), cancellationToken);
        await stream.WriteAsync(RequestBody, cancellationToken);
        var received = new MemoryStream();
        await stream.CopyToAsync(received, cancellationToken);
        return RawAnswer.Parse(received.ToArray());
    }

    private static List<ReferenceCase> Load()
    {
        using var file = Vectors.Open("web/cases.json.gz");
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var document = JsonDocument.Parse(unzipped);
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(Read)];
    }

    private static ReferenceCase Read(JsonElement json) =>
        new(
            json.GetProperty("phase").GetString()!,
            json.GetProperty("name").GetString()!,
            json.GetProperty("method").GetString()!,
            json.GetProperty("target").GetString()!,
            Pairs(json.GetProperty("request_headers")),
            json.GetProperty("status").GetInt32(),
            Pairs(json.GetProperty("headers")),
            json.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(body.GetString()!)
                : json.TryGetProperty("body_file", out var path) ? Vectors.Read("web/" + path.GetString())
                : null,
            Sent(
                json.GetProperty("name").GetString()!,
                json.GetProperty("request_body_length") is { ValueKind: JsonValueKind.Number } length ? length.GetInt32() : 0
            )
        );

    /// <summary>Of most bodies only the length was kept: it tells which of the uploads was sent, or how that was spoilt.</summary>
    private static byte[] Sent(string name, int length) =>
        name switch
        {
            "malformed-truncated" => Uploads.Exec("noswitch")[..length],
            "malformed-trailing" => [.. Uploads.Exec("noswitch"), 0],
            _ => Uploads.All.FirstOrDefault(exec => exec.Content.Length == length).Content ?? [.. Enumerable.Repeat((byte)'x', length)],
        };

    private static List<KeyValuePair<string, string>> Pairs(JsonElement json) =>
        [.. json.EnumerateArray().Select(pair => KeyValuePair.Create(pair[0].GetString()!, pair[1].GetString()!))];
}

/// <summary>An answer as it came over the wire.</summary>
public sealed record RawAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public static RawAnswer Parse(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        var headers = lines
            .Skip(1)
            .Select(line => line.Split(": ", 2))
            .Select(pair => KeyValuePair.Create(pair[0], pair.ElementAtOrDefault(1) ?? ""))
            .ToList();
        var answer = new RawAnswer(
            int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture),
            headers,
            bytes[(end + 4)..]
        );
        return answer.Header("Transfer-Encoding") == "chunked" ? answer with { Body = Unchunk(answer.Body) } : answer;
    }

    private static byte[] Unchunk(byte[] body)
    {
        var whole = new MemoryStream();
        var rest = body.AsSpan();
        while (true)
        {
            var line = rest.IndexOf("\r\n"u8);
            var length = Convert.ToInt32(Encoding.ASCII.GetString(rest[..line]), 16);
            if (length == 0)
                return whole.ToArray();
            whole.Write(rest.Slice(line + 2, length));
            rest = rest[(line + 2 + length + 2)..];
        }
    }
}
