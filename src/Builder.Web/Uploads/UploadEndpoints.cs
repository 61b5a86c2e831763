using System.Diagnostics;
using System.IO.Pipelines;
using Builder.Proof.Records;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Web.Difference;
using Builder.Web.Failures;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Live;
using Builder.Web.Notifications;
using Builder.Web.Options;
using Builder.Web.Pages;
using Builder.Web.Pictures;
using Builder.Web.Statements;

namespace Builder.Web.Uploads;

/// <summary>Builds come in here: whole ones from build servers, single binaries from people. Refusals are lines of text.</summary>
internal static class UploadEndpoints
{
    private const string Script = "# This artifact was manually built";

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/upload", UploadAsync);
        routes.MapMethods("/upload/limit", Verbs.Read, static (HttpContext http, WebOptions options) => LimitAsync(http, options));
        routes.MapPost("/job/{job}/platform/{platform}/upload", UploadBinaryAsync);
    }

    /// <summary>How much an upload may have, so that a build server can tell what the site will never take before it sends it.</summary>
    private static Task LimitAsync(HttpContext http, WebOptions options) =>
        Answer
            .Json(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("max_bytes", options.LargestUpload);
                json.WriteEndObject();
            })
            .SendAsync(http);

    private static async Task UploadAsync(
        HttpContext http,
        UploadGate gate,
        UploadIngestor ingestor,
        UploadReport report,
        PicturePreparation pictures,
        DifferenceComputation differences,
        WebOptions options
    )
    {
        // It takes no parameters: whoever sends some meant something else.
        if (http.Request.QueryString.HasValue)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (await gate.EnterAsync(http) is not { } user)
            return;
        if (http.RequestServices.GetService<PolicyPull>() is { } policies)
            await policies.RefreshAsync(http.RequestAborted);
        var result = await ingestor.IngestAsync(
            new LimitedBody(http.Request.Body, options.LargestUpload),
            user,
            http.RequestAborted,
            RecordOf(http.Request),
            RepetitionOf(http.Request),
            SenderOf(http.Request)
        );
        await EndAsync(http, result, user, report, pictures, differences);
    }

    /// <summary>What the build server signed; null where it signs nothing, as the original's, or where it cannot be read.</summary>
    private static UploadedRecord? RecordOf(HttpRequest request) =>
        request.Headers[RecordHeader.Name] is [{ } value]
        && RecordHeader.TryRead(value, out var envelope, out var record)
        && BuildUuid.TryParse(record.Uuid, out var build)
            ? new UploadedRecord(build, envelope)
            : null;

    /// <summary>Which build it repeats; null where it repeats none, or where it cannot be read.</summary>
    private static RepetitionHeader? RepetitionOf(HttpRequest request) =>
        request.Headers[RepetitionHeader.Name] is [{ } value] && RepetitionHeader.TryRead(value, out var repetition) ? repetition : null;

    /// <summary>The span that the build server sends it in; none where it names none.</summary>
    private static ActivityContext SenderOf(HttpRequest request) =>
        request.Headers[TraceParent.Name] is [{ } value] && TraceParent.TryParse(value, out var sender) ? sender : default;

    /// <summary>The binary becomes a build with a script that says so, taken in on the same way as any other.</summary>
    private static async Task UploadBinaryAsync(
        HttpContext http,
        UploadGate gate,
        UploadIngestor ingestor,
        UploadReport report,
        PicturePreparation pictures,
        DifferenceComputation differences,
        DataDirectory data,
        WebOptions options
    )
    {
        if (await gate.EnterAsync(http) is not { } user)
            return;
        // As written: routing leaves an encoded slash what it is, and a name with a slash must not become one with %2F.
        var target = RawTarget.Of(http.Request);
        if (
            target.Path.Count(static character => character == '/') != 5
            || !target.TryDecodeSegment(2, out var job)
            || !target.TryDecodeSegment(4, out var platform)
        )
        {
            await Problems.RefuseAsync(
                http,
                StatusCodes.Status400BadRequest,
                "The address is to be /job/JOB/platform/PLATFORM/upload, percent-encoded."
            );
            return;
        }
        if (!JobName.TryParse(job, out var jobName, out var reason) || !Platform.TryParse(platform, out var on, out reason))
        {
            await Problems.RefuseAsync(http, StatusCodes.Status400BadRequest, reason);
            return;
        }
        if (BinaryName(http.Request, jobName) is not { } path)
        {
            await Problems.RefuseAsync(http, StatusCodes.Status400BadRequest, "Bad binary name provided.");
            return;
        }
        await using var spooled = http.Request.ContentLength is null
            ? await SpooledBody.ReadAsync(http.Request.Body, data, options.LargestUpload, http.RequestAborted)
            : null;
        var binary = new ArtifactFile(
            path,
            http.Request.ContentLength ?? spooled!.Length,
            _ => ValueTask.FromResult(spooled ?? http.Request.Body)
        );
        var result = await IngestBinaryAsync(ingestor, user, jobName, on, binary, options.Clock, http.RequestAborted);
        await EndAsync(http, result, user, report, pictures, differences);
    }

    private static async Task<UploadResult> IngestBinaryAsync(
        UploadIngestor ingestor,
        User user,
        JobName job,
        Platform platform,
        ArtifactFile binary,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var now = Timestamp.Now(clock);
        var pipe = new Pipe();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync();
        try
        {
            return await ingestor.IngestAsync(pipe.Reader.AsStream(), user, stop.Token);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await stop.CancelAsync();
            await writing;
        }

        async Task WriteAsync()
        {
            try
            {
                await ExecWriter.WriteAsync(
                    pipe.Writer.AsStream(),
                    new ExecHead(new ScriptJob(job.Bytes, platform.Bytes, ByteString.FromUtf8(Script)), BuildUuid.NewRandom()),
                    ConsoleSource.From([]),
                    new ExecTail(now, now, new ExecutionResult.Exited(0)),
                    ArtifactSource.From([binary]),
                    stop.Token
                );
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception exception)
            {
                // The reading side throws it on.
                await pipe.Writer.CompleteAsync(exception);
            }
        }
    }

    /// <summary>A plain file name, JOB.bin where none is given; null where it is none.</summary>
    private static ArtifactPath? BinaryName(HttpRequest request, JobName job)
    {
        var given = request.Query["binary_name"];
        var name = given.Count == 0 ? job.Value + ".bin" : given[0] ?? "";
        return
            name.Length > 0
            && !name.Contains('/', StringComparison.Ordinal)
            && ArtifactPath.TryParse(ByteString.FromUtf8("bin/" + name), out var path, out _)
            ? path
            : null;
    }

    private static Task EndAsync(
        HttpContext http,
        UploadResult result,
        User user,
        UploadReport report,
        PicturePreparation pictures,
        DifferenceComputation differences
    )
    {
        report.Ended(result, user);
        if (result is UploadResult.Stored { Uuid: var build })
        {
            pictures.Enqueue(build);
            differences.Enqueue(build);
            http.RequestServices.GetRequiredService<AttestationService>().Wake();
            http.RequestServices.GetRequiredService<ContentIndexing>().Wake();
            http.RequestServices.GetRequiredService<FailureReading>().Wake();
            http.RequestServices.GetRequiredService<NotificationService>().Wake();
            http.RequestServices.GetRequiredService<SiteChanges>().Raise();
        }
        switch (result)
        {
            case UploadResult.Stored stored:
                http.Response.StatusCode = StatusCodes.Status201Created;
                http.Response.Headers.Location = Href.Build(stored.Job.Value, stored.Uuid);
                http.Response.ContentLength = 0;
                return Task.CompletedTask;
            case UploadResult.AlreadyExists existing:
                return Problems.RefuseAsync(
                    http,
                    StatusCodes.Status409Conflict,
                    $"Build with same uuid exists: {existing.Job}({existing.Uuid})"
                );
            case UploadResult.Forbidden forbidden:
                return Problems.RefuseAsync(
                    http,
                    StatusCodes.Status403Forbidden,
                    $"You may not upload builds of the job \"{forbidden.Job}\"."
                );
            case UploadResult.Malformed malformed:
                return Problems.RefuseAsync(http, StatusCodes.Status400BadRequest, malformed.Reason);
            default:
                throw new ArgumentOutOfRangeException(nameof(result));
        }
    }
}
