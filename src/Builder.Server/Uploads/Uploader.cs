using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Builder.Proof.Records;
using Builder.Protocol.Messages;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Server.Builds;
using Builder.Server.Dispatch;
using Builder.Server.Files;
using Builder.Server.Operations;
using Builder.Server.Options;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Builder.Server.Tracing;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Uploads;

/// <summary>
/// Brings finished builds to the web, straight from disk, and tries each again with growing pauses until the web has it. The spool is
/// part of the journal, so it survives restarts.
/// </summary>
internal sealed class Uploader : IDisposable
{
    private const int AtOnce = 4;

    /// <summary>From this size on the web is asked first whether it wants the build at all.</summary>
    private const long AskFirst = 1 << 20;

    private const int MaxReasonLength = 300;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LimitInterval = TimeSpan.FromMinutes(5);

    private readonly Dispatcher farm;
    private readonly BuildStore store;
    private readonly Metrics metrics;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly HttpClient http;
    private readonly Uri target;
    private readonly AuthenticationHeaderValue? authorization;
    private readonly Channel<BuildUuid> due = Channel.CreateUnbounded<BuildUuid>();
    private readonly ConcurrentDictionary<BuildUuid, WaitingUpload> waiting = [];
    private TaskCompletionSource webIsBack = NewSignal();

    /// <param name="credentials">Go before what the URL holds.</param>
    public Uploader(
        Uri url,
        UploadCredentials? credentials,
        Dispatcher farm,
        BuildStore store,
        Metrics metrics,
        TimeProvider clock,
        ILogger logger
    )
    {
        this.farm = farm;
        this.store = store;
        this.metrics = metrics;
        this.clock = clock;
        this.logger = logger;
        target = new UriBuilder(url)
        {
            UserName = "",
            Password = "",
            Path = url.AbsolutePath is "" or "/" ? "/upload" : url.AbsolutePath,
        }.Uri;
        if (credentials is null && UploadCredentials.Of(url) is ({ } user, { } password))
            credentials = new UploadCredentials(user, password);
        authorization = credentials?.Header;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = AtOnce })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        foreach (var build in farm.Look(state => state.Spool.Values.OrderBy(build => build.Finished).ToArray()))
            Add(build);
        farm.Spooled = Add;
    }

    public IReadOnlyList<WaitingUpload> Waiting => [.. waiting.Values.OrderBy(upload => upload.Build.Finished)];

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll([FollowLimitAsync(cancellationToken), .. Enumerable.Range(0, AtOnce).Select(_ => UploadAsync(cancellationToken))]);

    public void Dispose() => http.Dispose();

    private void Add(SpooledBuild build)
    {
        waiting[build.Uuid] = new WaitingUpload(build, 0, null, null);
        due.Writer.TryWrite(build.Uuid);
    }

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var uuid in due.Reader.ReadAllAsync(cancellationToken))
            {
                if (!waiting.TryGetValue(uuid, out var upload) || upload.IsHeld)
                    continue;
                if (!farm.IsServing)
                    return;
                var (problem, isFinal, retryAfter) = await TraceUploadAsync(upload, cancellationToken);
                if (problem is null)
                {
                    waiting.TryRemove(uuid, out _);
                    metrics.Uploaded();
                    Interlocked.Exchange(ref webIsBack, NewSignal()).SetResult();
                    continue;
                }
                metrics.UploadFailed();
                if (isFinal)
                {
                    logger.Held(upload.Build.Name, uuid, problem);
                    waiting[uuid] = upload with { Attempts = upload.Attempts + 1, Problem = problem, NextTry = null, IsHeld = true };
                    continue;
                }
                var pause = retryAfter ?? PauseAfter(upload.Attempts);
                logger.NotUploaded(upload.Build.Name, uuid, pause.TotalSeconds, problem);
                waiting[uuid] = upload with { Attempts = upload.Attempts + 1, Problem = problem, NextTry = Timestamp.Now(clock) + pause };
                _ = TryAgainAsync(uuid, pause, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is not uploaded is in the journal.
        }
        catch (LeaseLostException)
        {
            // The server that took over uploads what is not uploaded.
        }
    }

    /// <summary>Tries a build again that is held.</summary>
    /// <returns>The reason of a refusal, or null when done.</returns>
    public string? Retry(BuildUuid uuid)
    {
        if (!waiting.TryGetValue(uuid, out var upload))
            return $"build {uuid} is not in the spool";
        if (!upload.IsHeld)
            return $"build {uuid} is not held, it is tried again by itself";
        if (waiting.TryUpdate(uuid, upload with { IsHeld = false }, upload))
            due.Writer.TryWrite(uuid);
        return null;
    }

    /// <summary>Gives up the upload of a build; its file stays.</summary>
    /// <returns>The reason of a refusal, or null when done.</returns>
    public async Task<string?> DropAsync(BuildUuid uuid)
    {
        if (!waiting.TryGetValue(uuid, out var upload))
            return $"build {uuid} is not in the spool";
        if (!upload.IsHeld)
            return $"build {uuid} is not held: the web may take it at any moment";
        if (!waiting.TryRemove(new KeyValuePair<BuildUuid, WaitingUpload>(uuid, upload)))
            return $"build {uuid} is being tried at this moment";
        await farm.UploadedAsync(uuid);
        logger.Dropped(upload.Build.Name, uuid, store.PathOf(upload.Build));
        return null;
    }

    private async Task<(string? Problem, bool IsFinal, TimeSpan? RetryAfter)> TraceUploadAsync(
        WaitingUpload upload,
        CancellationToken cancellationToken
    )
    {
        using var span = BuildSpans.Upload(upload.Build);
        span?.SetTag("builder.attempt", upload.Attempts + 1);
        var tried = await TryUploadAsync(upload.Build, span?.Id, cancellationToken);
        if (tried.Problem is { } problem)
            span.Fail(problem);
        return tried;
    }

    /// <param name="span">The span of this attempt, which the web is told; null where nobody traces.</param>
    /// <returns>Why not, or null when the web has the build; whether the web would say the same again; and when it wants to be asked again, where it says so.</returns>
    private async Task<(string? Problem, bool IsFinal, TimeSpan? RetryAfter)> TryUploadAsync(
        SpooledBuild build,
        string? span,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var file = store.OpenFull(build);
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(file.Length >> 16), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StreamContent(file) };
            request.Content.Headers.ContentLength = file.Length;
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            request.Headers.Authorization = authorization;
            if (store.FindRecord(build) is { } record && RecordHeader.Write(record) is { } header)
                request.Headers.Add(RecordHeader.Name, header);
            if (build.Repetition is { } repetition)
                request.Headers.TryAddWithoutValidation(RepetitionHeader.Name, repetition.Write());
            if (span is not null)
                request.Headers.Add(TraceParent.Name, span);
            request.Headers.ExpectContinue = file.Length >= AskFirst;
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.StatusCode is HttpStatusCode.Conflict)
                logger.KnownAlready(build.Name, build.Uuid);
            else if (response.IsSuccessStatusCode)
                logger.Uploaded(build.Name, build.Uuid);
            else
            {
                var reason =
                    $"the web answers {(int)response.StatusCode} {response.ReasonPhrase}{await ReasonAsync(response, either.Token)}";
                return (reason, IsFinal(response.StatusCode), RetryAfter(response));
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException && farm.SharesState)
        {
            return ("its file is not in this server's spool; the server that built it uploads it when it serves again", true, null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            logger.Missing(build.Name, build.Uuid);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("the web does not answer in time", false, null);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
            {
                if (cause is DamagedFileException)
                    return (cause.Message, true, null);
            }
            return (exception.Message, false, null);
        }
        await farm.UploadedAsync(build.Uuid);
        Remove(build);
        return (null, false, null);
    }

    /// <summary>Within bounds: neither at once again and again, nor in a week.</summary>
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is not { } header || (header.Delta ?? header.Date - clock.GetUtcNow()) is not { } pause)
            return null;
        return pause < FirstPause ? FirstPause
            : pause < MaxPause ? pause
            : MaxPause;
    }

    /// <summary>
    /// What the web says of the build itself. Of who asks (401), of the address (404, 405) and of the moment (408, 429, 5xx) an operator or time
    /// can make another answer.
    /// </summary>
    private static bool IsFinal(HttpStatusCode status) =>
        status
            is HttpStatusCode.BadRequest
                or HttpStatusCode.Forbidden
                or HttpStatusCode.RequestEntityTooLarge
                or HttpStatusCode.UnsupportedMediaType
                or HttpStatusCode.UnprocessableEntity;

    /// <summary>Asks the site now and then how long an upload may be. Sites of the original do not say.</summary>
    private async Task FollowLimitAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LimitInterval, clock);
        try
        {
            do await AskLimitAsync(cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task AskLimitAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync(
                new UriBuilder(target) { Path = target.AbsolutePath + "/limit" }.Uri,
                HttpCompletionOption.ResponseHeadersRead,
                either.Token
            );
            if (!response.IsSuccessStatusCode)
            {
                logger.NoWebLimit($"{(int)response.StatusCode} {response.ReasonPhrase}");
                return;
            }
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            var text = new byte[MaxReasonLength];
            var count = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, either.Token);
            using var json = JsonDocument.Parse(text.AsMemory(0, count), new JsonDocumentOptions { MaxDepth = 4 });
            if (!json.RootElement.GetProperty("max_bytes").TryGetInt64(out var limit) || limit < 1)
            {
                logger.NoWebLimit("max_bytes is not a number of bytes");
                return;
            }
            if (store.WebLimit != limit)
                logger.WebLimit(limit);
            store.WebLimit = limit;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.NoWebLimit("it does not answer in time");
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            logger.NoWebLimit(exception.Message);
        }
    }

    /// <summary>What the web says of it in plain text, as far as a line holds it.</summary>
    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not "text/plain")
            return "";
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var text = new byte[MaxReasonLength];
        var count = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
        var words = Encoding.UTF8.GetString(text, 0, count).Trim();
        return words.Length == 0 ? "" : $": {string.Concat(words.Select(c => char.IsControl(c) ? ' ' : c))}";
    }

    private void Remove(SpooledBuild build)
    {
        try
        {
            store.Remove(build.Name, build.Uuid);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.NotRemoved(build.Name, build.Uuid, exception.Message);
        }
    }

    /// <summary>After the pause, or as soon as another upload goes through.</summary>
    private async Task TryAgainAsync(BuildUuid uuid, TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await webIsBack.Task.WaitAsync(pause, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The pause is over.
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (waiting.TryGetValue(uuid, out var upload))
            waiting.TryUpdate(uuid, upload with { NextTry = null }, upload);
        due.Writer.TryWrite(uuid);
    }

    private static TimeSpan PauseAfter(int attempts)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(attempts, 16));
        return pause < MaxPause ? pause : MaxPause;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
