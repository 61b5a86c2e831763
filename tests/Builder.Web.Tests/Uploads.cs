using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Testing;

namespace Builder.Web.Tests;

/// <summary>The builds that filled the reference, and those who may bring them in.</summary>
internal static class Uploads
{
    public static IReadOnlyList<(string Name, byte[] Content)> All { get; } = Load();

    public static byte[] Exec(string name) => All.Single(exec => exec.Name == name).Content;

    /// <summary>A build made for a test.</summary>
    public static async Task<byte[]> ExecAsync(
        string job,
        BuildUuid uuid,
        DateTimeOffset started,
        IReadOnlyList<(string Path, byte[] Content)> files,
        IReadOnlyList<string>? console = null
    )
    {
        var exec = new MemoryStream();
        var start = Timestamp.From(started);
        await ExecWriter.WriteAsync(
            exec,
            new ExecHead(new ScriptJob(ByteString.FromUtf8(job), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("make\n")), uuid),
            ConsoleSource.From([
                .. (console ?? []).Select((line, index) => new ConsoleLine((index + 1) * 1_000_000L, ByteString.FromUtf8(line))).Reverse(),
            ]),
            new ExecTail(start, Timestamp.From(started.AddMinutes(2)), new ExecutionResult.Exited(0)),
            ArtifactSource.From([
                .. files.Select(file => new ArtifactFile(
                    ArtifactPath.TryParse(ByteString.FromUtf8(file.Path), out var path, out var reason)
                        ? path
                        : throw new ArgumentException(reason),
                    file.Content.Length,
                    _ => ValueTask.FromResult<Stream>(new MemoryStream(file.Content))
                )),
            ]),
            TestContext.Current.CancellationToken
        );
        return exec.ToArray();
    }

    public static async Task AddUsersAsync(this Site site)
    {
        await using var database = await BuilderDatabase.OpenAsync(site.Database, TestContext.Current.CancellationToken);
        var users = new UserAdministration(database);
        var cheap = new ScryptParameters(16, 1, 1);
        await users.AddAsync("admin", "pw-admin", isRestricted: false, cheap, TestContext.Current.CancellationToken);
        await users.AddAsync("restr", "pw-restr", isRestricted: true, cheap, TestContext.Current.CancellationToken);
    }

    public static async Task<HttpResponseMessage> UploadAsync(
        this Site site,
        string? name,
        string? password,
        byte[] body,
        string address = "/upload",
        bool isChunked = false,
        RepetitionHeader? repetition = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = isChunked ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
        request.Headers.TransferEncodingChunked = isChunked;
        if (repetition is not null)
            request.Headers.TryAddWithoutValidation(RepetitionHeader.Name, repetition.Write());
        if (name is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))
            );
        return await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static List<(string Name, byte[] Content)> Load()
    {
        using var file = Vectors.Open("web/uploads.tar.gz");
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(unzipped);
        var execs = new List<(string, byte[])>();
        while (archive.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.DataStream is not { } data)
                continue;
            var content = new byte[data.Length];
            data.ReadExactly(content);
            execs.Add((Path.GetFileNameWithoutExtension(entry.Name), content));
        }
        return execs;
    }
}
