using System.Globalization;
using System.Net;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Publishing.Queue;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Builder.Web.Http;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Http.Features;

namespace Builder.Web.Rebuilders;

/// <summary>Takes what a rebuilder says about a build: checked against the keys that the operator registered, kept as it came.</summary>
internal sealed partial class StatementIntake(
    BuilderDatabase database,
    StatementLimiter limiter,
    TimeProvider clock,
    ILogger<StatementIntake> log
)
{
    private const int Buffer = 16 * 1024;

    public async Task TakeAsync(HttpContext http, string job, string build)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (limiter.WaitOf(address) is { } wait)
        {
            var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            http.Response.Headers.RetryAfter = seconds;
            await Problems.RefuseAsync(
                http,
                StatusCodes.Status429TooManyRequests,
                $"Too many statements from this address were refused. Try again in {seconds} s."
            );
            return;
        }
        var (status, text) = await AnswerAsync(http, job, build);
        if (text is null)
            return;
        limiter.Refused(address);
        LogRefused(status, job, build, text);
        await Problems.RefuseAsync(http, status, text);
    }

    /// <returns>Why it is refused; without a text where the answer has been given.</returns>
    private async Task<(int Status, string? Text)> AnswerAsync(HttpContext http, string job, string build)
    {
        if (!BuildUuid.TryParse(build, out var uuid))
            return (StatusCodes.Status404NotFound, Problems.NothingAt(http.Request));
        if (await ReadAsync(http) is not { } body)
            return (
                StatusCodes.Status413PayloadTooLarge,
                $"A statement may have at most {RebuildStatement.MaxSizeInBytes.ToString(CultureInfo.InvariantCulture)} bytes."
            );
        await using var session = await database.OpenReadAsync(http.RequestAborted);
        if (await FactsAsync(session, job, uuid, http.RequestAborted) is not { } facts)
            return (StatusCodes.Status404NotFound, Problems.NothingAt(http.Request));
        if (facts.Main is not { } main)
            return (StatusCodes.Status409Conflict, "This build left no main binary, so there is nothing to agree about.");
        var rebuilders = await RebuilderRows.AllAsync(session, http.RequestAborted);
        ReceivedRebuild received;
        try
        {
            received = RebuildStatement.Read(body, Keys(rebuilders.Where(static one => one.IsInUse)));
        }
        catch (InvalidStatementException exception)
        {
            return (StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (UnknownSignerException exception)
        {
            var known = rebuilders.Find(one => one.KeyId == exception.KeyId);
            return (
                StatusCodes.Status403Forbidden,
                known is null
                    ? $"{exception.Message}. The operator of this site registers it with: builder db rebuilder-add NAME KEY"
                    : $"key {known.KeyId} of {known.Name} is no longer in use, or did not sign this statement"
            );
        }
        if (Mismatch(received, facts, uuid) is { } mismatch)
            return (StatusCodes.Status400BadRequest, mismatch);
        return await KeepAsync(http, received, uuid, main, rebuilders.First(one => one.KeyId == received.Key.Id.Value).Name);
    }

    private static string? Mismatch(ReceivedRebuild received, BuildToRepeat facts, BuildUuid uuid) =>
        !received.Repeats(uuid.ToString()) ? $"the statement repeats {received.Build}, not build {uuid}"
        : received.Provenance.External.Job != facts.Job ? $"the statement is about job \"{received.Provenance.External.Job}\""
        : received.Provenance.External.Platform != facts.Platform
            ? $"the statement is about platform \"{received.Provenance.External.Platform}\", the build is of \"{facts.Platform}\""
        : null;

    private async Task<(int Status, string? Text)> KeepAsync(
        HttpContext http,
        ReceivedRebuild received,
        BuildUuid uuid,
        Sha256Digest main,
        string name
    )
    {
        using var links = new MemoryStream();
        foreach (var (_, line) in received.Links)
        {
            links.Write(line.Span);
            links.Write("\n"u8);
        }
        var agrees = received.Statement.IsAbout(main);
        var outcome = await RebuildRows.InsertAsync(
            database,
            new NewRebuild(
                uuid,
                received.Key.Id.Value,
                agrees,
                received.Line,
                received.PayloadDigest,
                links.ToArray(),
                received.Difference,
                clock.GetUtcNow()
            ),
            http.RequestAborted
        );
        if (outcome == RebuildOutcome.TooMany)
            return (
                StatusCodes.Status409Conflict,
                $"key {received.Key.Id} said {RebuildRows.MaxPerKey} times what it got for this build: no more are taken"
            );
        if (outcome == RebuildOutcome.Kept)
        {
            LogKept(name, agrees ? "the same bytes" : "other bytes", uuid);
            http.RequestServices.GetService<PublishingQueue>()?.Wake();
        }
        var status = outcome == RebuildOutcome.Kept ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        await Answer
            .Json(
                json =>
                {
                    json.WriteStartObject();
                    json.WriteString("rebuilder", name);
                    json.WriteBoolean("agrees", agrees);
                    json.WriteBoolean("known", outcome == RebuildOutcome.Known);
                    json.WriteString("statement", received.PayloadDigest.ToString());
                    json.WriteEndObject();
                },
                status
            )
            .SendAsync(http);
        return (status, null);
    }

    public static List<VerificationKey> Keys(IEnumerable<Rebuilder> rebuilders) =>
        [.. rebuilders.Select(static one => VerificationKey.FromSubjectPublicKeyInfo(one.PublicKey))];

    /// <summary>Null where it is longer than it may be.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        // The limit is kept here: the server itself would drop the connection, and with it often the answer.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (http.Request.ContentLength > RebuildStatement.MaxSizeInBytes)
            return null;
        using var body = new MemoryStream();
        var buffer = new byte[Buffer];
        int count;
        while ((count = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, count);
            if (body.Length > RebuildStatement.MaxSizeInBytes)
                return null;
        }
        return body.ToArray();
    }

    private static Task<BuildToRepeat?> FactsAsync(DatabaseSession session, string job, BuildUuid uuid, CancellationToken stop) =>
        session.QueryFirstAsync(
            """
            SELECT job.name, build.platform, build.main_sha256
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid = @uuid AND job.name = @job
            """,
            static row => (BuildToRepeat?)new BuildToRepeat(row.Text(0), row.Text(1), row.DigestOrNull(2)),
            stop,
            ("@uuid", uuid),
            ("@job", job)
        );

    [LoggerMessage(EventId = 81, Level = LogLevel.Information, Message = "Rebuilder {Name} got {What} for build {Build}")]
    private partial void LogKept(string name, string what, BuildUuid build);

    [LoggerMessage(
        EventId = 82,
        Level = LogLevel.Information,
        Message = "Refused ({Status}) a statement about {Job}, build {Build}: {Reason}"
    )]
    private partial void LogRefused(int status, string job, string build, string reason);

    private sealed record BuildToRepeat(string Job, string Platform, Sha256Digest? Main);
}
