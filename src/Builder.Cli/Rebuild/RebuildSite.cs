using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Proof.Rebuilding;
using Builder.Protocol.Values;
using Builder.Publishing.TransparencyLog;

namespace Builder.Cli.Rebuild;

/// <summary>What a rebuilder asks of a site. Answers are bounded, and nothing in them is believed.</summary>
internal sealed class RebuildSite : IDisposable
{
    private const int MaxList = 8 << 20;
    private const int MaxFile = 64 << 20;
    private const int MaxAnswer = 64 << 10;
    private const int PageLength = 200;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(120);

    private readonly HttpClient http;
    private readonly string site;

    public RebuildSite(Uri address)
    {
        site = address.AbsoluteUri.TrimEnd('/');
        http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(15),
                MaxAutomaticRedirections = 5,
                UseCookies = false,
            }
        )
        {
            Timeout = MaxTime,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("builder-rebuild", null));
    }

    public Uri PageOf(ListedBuild build) => new($"{site}/job/{Uri.EscapeDataString(build.Job)}/build/{build.Uuid}");

    /// <summary>Builds that came after the last one seen, oldest first, and where to go on.</summary>
    /// <exception cref="CommandException">The site does not answer, or not as it should.</exception>
    public async Task<(IReadOnlyList<ListedBuild> Builds, long Next)> ListAsync(long after, CancellationToken cancellationToken)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{site}/rebuilders/builds?after={after}&count={PageLength}"));
        var bytes =
            await GetAsync(address, MaxList, cancellationToken)
            ?? throw new CommandException($"{address} is not there: the site is no Builder site, or an earlier version", ExitCode.Trouble);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            return (
                [.. root.GetProperty("builds").EnumerateArray().Select(Read).OfType<ListedBuild>()],
                root.GetProperty("next").GetInt64()
            );
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CommandException($"{address}: the answer cannot be read: {exception.Message}", ExitCode.Trouble);
        }
    }

    /// <summary>A part of a build, such as <c>script</c>; null where the build has none.</summary>
    public Task<byte[]?> PartAsync(ListedBuild build, string part, CancellationToken cancellationToken) =>
        GetAsync(new Uri($"{PageOf(build)}/{part}"), MaxFile, cancellationToken);

    /// <summary>Posts a signed statement.</summary>
    /// <returns>Null where the site does not answer now.</returns>
    public async Task<PostAnswer?> PostAsync(Uri page, byte[] lines, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(lines);
        content.Headers.ContentType = new MediaTypeHeaderValue(RebuildStatement.MediaType);
        try
        {
            using var answer = await http.PostAsync(new Uri($"{page}/attestations"), content, cancellationToken);
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var text = System.Text.Encoding.UTF8.GetString(
                await BoundedBody.ReadAsync(body, MaxAnswer, page.ToString(), cancellationToken)
            );
            return new PostAnswer(answer.StatusCode, text.Trim());
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<byte[]?> GetAsync(Uri address, int maxLength, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden)
                return null;
            if (!answer.IsSuccessStatusCode)
                throw new CommandException($"{address}: the site answers {(int)answer.StatusCode}", ExitCode.Trouble);
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            return await BoundedBody.ReadAsync(body, maxLength, address.ToString(), cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"{address}: {exception.Message}", ExitCode.Trouble);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{address}: no answer within {MaxTime.TotalSeconds:0} s", ExitCode.Trouble);
        }
    }

    /// <summary>Null for an entry that cannot be a build.</summary>
    private static ListedBuild? Read(JsonElement build) =>
        build.GetProperty("job").GetString() is { Length: > 0 } job
        && BuildUuid.TryParse(build.GetProperty("uuid").GetString() ?? "", out var uuid)
        && build.GetProperty("platform").GetString() is { Length: > 0 } platform
        && Sha256Digest.TryParse(build.GetProperty("input_id").GetString(), out var input)
            ? new ListedBuild(job, uuid, platform, input, build.GetProperty("finish_time").GetDateTimeOffset())
            : null;
}
