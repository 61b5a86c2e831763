using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Publishing.Files;
using Builder.Publishing.Hooks;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Repositories;
using Builder.Publishing.Snapshots;
using Builder.Storage;
using Builder.Storage.Sweeping;
using Builder.Storage.Troubles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Publishing.Queue;

/// <summary>
/// Does after an upload what is due: hooks and publications. It finds new builds by their ids in the database, so nothing that was
/// stored is missed, whoever stored it and whenever this program died; each thing due is recorded before it is begun.
/// </summary>
public sealed partial class PublishingQueue : IDisposable
{
    private const int Batch = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(365);

    private readonly PublishingOptions options;
    private readonly StoredBuilds builds;
    private readonly HookSettings hookSettings;
    private readonly HookRunner hooks;
    private readonly TimeProvider clock;
    private readonly List<Task> runningHooks = [];
    private ILogger log = NullLogger.Instance;
    private RebuilderNews news = RebuilderNews.None;
    private readonly SemaphoreSlim wake = new(0, 1);

    private PublishingQueue(PublishingOptions options, StoredBuilds builds, TaskStore tasks, RepositorySet repositories, TimeProvider clock)
    {
        this.options = options;
        this.builds = builds;
        this.clock = clock;
        Tasks = tasks;
        Repositories = repositories;
        hookSettings = HookSettings.Load(options.ConfigDirectory);
        hooks = new HookRunner(hookSettings, options.DataDirectory, clock);
    }

    public TaskStore Tasks { get; }

    public RepositorySet Repositories { get; }

    public bool HasRepositories => Repositories.Debian is not null || Repositories.FreeBsd is not null;

    public ILogger Log
    {
        get => log;
        set => log = value;
    }

    /// <exception cref="RepositoryException">Settings are wrong; the message names them.</exception>
    public static async Task<PublishingQueue> OpenAsync(
        PublishingOptions options,
        BuilderStorage storage,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        options = options with
        {
            DataDirectory = Path.GetFullPath(options.DataDirectory),
            ConfigDirectory = Path.GetFullPath(options.ConfigDirectory),
        };
        var repositories = RepositorySet.Open(options, clock);
        var builds = new StoredBuilds(storage.Database, storage.Directory, storage.LocalArtifacts);
        var tasks = await TaskStore.OpenAsync(options.DataDirectory, cancellationToken);
        return new PublishingQueue(options, builds, tasks, repositories, clock);
    }

    /// <summary>Something was stored: looks at once instead of a second later.</summary>
    public void Wake()
    {
        lock (wake)
        {
            if (wake.CurrentCount == 0)
                wake.Release();
        }
    }

    public void Dispose() => wake.Dispose();

    /// <summary>Works until it is cancelled. Only one process per data directory does this: others wait for it to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var alone = await RepositoryLock.TakeAsync(
            Path.GetDirectoryName(TaskStore.PathIn(options.DataDirectory))!,
            clock,
            cancellationToken
        );
        foreach (var warning in Repositories.Warnings)
            Warned(warning);
        await Tasks.ReviveAsync(cancellationToken);
        await Tasks.ForgetAsync(clock.GetUtcNow() - Remembered, cancellationToken);
        try
        {
            await Task.WhenAll(
                LoopAsync(FindDueAsync, cancellationToken),
                LoopAsync(RunHooksAsync, cancellationToken),
                LoopAsync(PublishAsync, cancellationToken)
            );
        }
        finally
        {
            // They are cancelled too, and kill what they run.
            await Task.WhenAll(runningHooks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does all that is due, and returns; for commands and tests.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var alone = await RepositoryLock.TakeAsync(
            Path.GetDirectoryName(TaskStore.PathIn(options.DataDirectory))!,
            clock,
            cancellationToken
        );
        await Tasks.ReviveAsync(cancellationToken);
        while (await FindDueAsync(cancellationToken) | await PublishAsync(cancellationToken) | await RunHooksAsync(cancellationToken))
            await Task.WhenAll(runningHooks);
    }

    /// <summary>Publishes builds now or again, whatever became of them before; a package that was withdrawn, too.</summary>
    public async Task<IReadOnlyList<PublishOutcome>> PublishAsync(IReadOnlyList<BuildUuid> uuids, CancellationToken cancellationToken)
    {
        var outcomes = new List<PublishOutcome>();
        foreach (var uuid in uuids)
        {
            var entry = await builds.FindAsync(uuid, cancellationToken) ?? throw new RepositoryException($"there is no build {uuid}");
            var kind = KindOf(entry.Build);
            if (kind is null)
            {
                outcomes.Add(
                    PublishOutcome.Refused("its main binary is no package of a repository that is set up (.deb, .pkg; builder repo init)")
                );
                continue;
            }
            var before = await Tasks.ListAsync(new TaskFilter(Build: uuid, Hooks: false), 1, cancellationToken);
            entry = entry with { Build = entry.Build with { Seen = before.Count > 0 ? before[0].Due : null } };
            var outcome = (await PublishEntriesAsync(kind.Value, [entry], byHand: true, cancellationToken))[0];
            await builds.NotePublishedAsync(entry.Build, outcome, clock.GetUtcNow(), cancellationToken);
            await Tasks.RecordAsync(uuid, kind.Value, StateOf(outcome), outcome.Message, clock.GetUtcNow(), cancellationToken);
            outcomes.Add(outcome);
        }
        await builds.TouchAsync(cancellationToken);
        return outcomes;
    }

    /// <summary>Takes a package out of a branch (distribution or ABI). The same bytes go out again only by <see cref="PublishAsync(IReadOnlyList{BuildUuid}, CancellationToken)"/>.</summary>
    /// <param name="nameOrUuid">A package's name, or the uuid of a build that left it.</param>
    /// <param name="deleteFiles">Whether their files go at once, and not with the snapshots that name them.</param>
    /// <returns>What was taken out; the pages of the builds say so.</returns>
    /// <exception cref="RepositoryException">There is no such branch or package; the message names those that there are.</exception>
    public async Task<IReadOnlyList<PublishedPackage>> RemoveAsync(
        string branch,
        string nameOrUuid,
        bool deleteFiles,
        CancellationToken cancellationToken
    )
    {
        var uuid = BuildUuid.TryParse(nameOrUuid, out var parsed) ? parsed : (BuildUuid?)null;
        var sha256 = uuid is { } given ? (await builds.FindAsync(given, cancellationToken))?.Build.MainBinary?.Sha256 : null;
        bool Fits(PublishedPackage package) =>
            uuid is null
                ? package.Name == nameOrUuid
                : package.BuildUuid == uuid.ToString() || (sha256 is not null && package.Sha256 == sha256);

        var (kind, removed) = Repositories switch
        {
            { FreeBsd: { } freeBsd } when Repositories.Debian is null || freeBsd.Abis.Contains(branch) => (
                TaskKind.FreeBsdPackage,
                await freeBsd.RemoveAsync(branch, Fits, deleteFiles, cancellationToken)
            ),
            { Debian: { } debian } => (TaskKind.DebianPackage, await debian.RemoveAsync(branch, Fits, deleteFiles, cancellationToken)),
            _ => throw new RepositoryException($"no repository is set up in {options.ConfigDirectory}: see builder repo init --help"),
        };
        if (removed.Count == 0)
            throw new RepositoryException($"{branch} offers no package \"{nameOrUuid}\"; builder repo list shows what there is");
        foreach (var package in removed)
        {
            if (BuildUuid.TryParse(package.BuildUuid ?? "", out var build))
            {
                var message = $"withdrawn from {branch} by the operator; builder repo publish {build} publishes it again";
                await Tasks.RecordAsync(build, kind, TaskState.Withdrawn, message, clock.GetUtcNow(), cancellationToken);
            }
        }
        await builds.TouchAsync(cancellationToken);
        return removed;
    }

    private async Task LoopAsync(Func<CancellationToken, Task<bool>> step, CancellationToken cancellationToken)
    {
        string? said = null;
        while (true)
        {
            var pause = Pause;
            try
            {
                var isMore = await step(cancellationToken);
                said = null;
                if (isMore)
                    continue;
            }
            catch (Exception exception) when (StorageTrouble.Of(exception, options.DataDirectory) is { } trouble)
            {
                if (said != trouble.Explanation)
                    Stopped(trouble.Explanation);
                said = trouble.Explanation;
                pause = TroublePause;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Failed(exception);
                pause = RetryPause;
            }
            await wake.WaitAsync(pause, cancellationToken);
        }
    }

    /// <summary>What a repository offers now of a build that was published; null where a newer build took its place.</summary>
    public async Task<PublishedPackage?> PackageOfAsync(PublishingTask task, string platform, CancellationToken cancellationToken)
    {
        if (await builds.FindAsync(task.Build, cancellationToken) is not { Build.MainBinary.Sha256: { } sha256 })
            return null;
        if (task.Kind == TaskKind.DebianPackage)
            return Repositories.Debian is { } debian ? await debian.FindAsync(platform, sha256, cancellationToken) : null;
        foreach (var abi in Repositories.FreeBsd?.Abis ?? [])
        {
            if (
                (await Repositories.FreeBsd!.ListAsync(abi, cancellationToken)).FirstOrDefault(package => package.Sha256 == sha256) is
                { } package
            )
                return package;
        }
        return null;
    }

    /// <summary>Writes down what is due for builds that came since the last look.</summary>
    private async Task<bool> FindDueAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync(cancellationToken);
        var cursor = await Tasks.CursorAsync(cancellationToken);
        if (cursor is null)
        {
            // The first start: what was stored before is history.
            await Tasks.AddAsync(await builds.LastIdAsync(cancellationToken), [], clock.GetUtcNow(), cancellationToken);
            return true;
        }
        var found = await builds.AfterAsync(cursor.Value, Batch, cancellationToken);
        if (found.Count == 0)
            return false;
        await Tasks.AddAsync(found[^1].Id, found.SelectMany(entry => DueFor(entry.Build)), clock.GetUtcNow(), cancellationToken);
        foreach (var entry in found)
        {
            if (await builds.AgreeingAsync(entry, cancellationToken) is { Count: > 1 } agreeing)
                await Tasks.ReleaseHeldAsync(agreeing, cancellationToken);
        }
        Wake();
        return true;
    }

    /// <summary>
    /// What waits for rebuilders looks again where one spoke, or where rules or revocations changed; at the start all of it does, so that nothing is missed that came
    /// while this program was away.
    /// </summary>
    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        var now = await builds.RebuilderNewsAsync(news, cancellationToken);
        if (now.State != news.State)
        {
            await Tasks.ReleaseAllHeldAsync(cancellationToken);
        }
        else
        {
            foreach (var build in now.Builds)
            {
                if (await builds.FindAsync(build, cancellationToken) is { } entry)
                    await Tasks.ReleaseHeldAsync([build, .. await builds.AgreeingAsync(entry, cancellationToken)], cancellationToken);
            }
        }
        news = now;
    }

    private IEnumerable<(BuildUuid, TaskKind, string)> DueFor(PublishableBuild build)
    {
        if (KindOf(build) is { } publication)
            yield return (build.Uuid, publication, "");
        var (kind, folder) = build.MainBinary is null
            ? (TaskKind.FailureHook, hookSettings.FailureHooks)
            : (TaskKind.UploadHook, hookSettings.UploadHooks);
        foreach (var script in HookSettings.Scripts(folder))
            yield return (build.Uuid, kind, script);
    }

    private TaskKind? KindOf(PublishableBuild build) =>
        build.MainBinary switch
        {
            { IsDebianPackage: true } when Repositories.Debian is not null => TaskKind.DebianPackage,
            { IsFreeBsdPackage: true } when Repositories.FreeBsd is not null => TaskKind.FreeBsdPackage,
            _ => null,
        };

    /// <summary>Begins what is due as far as there is room; a slow hook takes up its own place and no more.</summary>
    private async Task<bool> RunHooksAsync(CancellationToken cancellationToken)
    {
        foreach (var ended in runningHooks.Where(hook => hook.IsCompleted).ToList())
        {
            runningHooks.Remove(ended);
            await ended;
        }
        var due = await Tasks.DueAsync(hooks: true, hookSettings.AtOnce - runningHooks.Count, cancellationToken);
        foreach (var task in due)
        {
            await Tasks.StartAsync(task.Id, clock.GetUtcNow(), cancellationToken);
            runningHooks.Add(RunHookAsync(task, cancellationToken));
        }
        if (runningHooks.Count == hookSettings.AtOnce)
            await Task.WhenAny(runningHooks);
        return due.Count > 0;
    }

    private async Task RunHookAsync(PublishingTask task, CancellationToken cancellationToken)
    {
        var entry = await builds.FindAsync(task.Build, cancellationToken);
        if (entry is null)
        {
            await Tasks.EndAsync(task.Id, TaskState.Failed, null, "the build was removed", null, clock.GetUtcNow(), cancellationToken);
            return;
        }
        using var span = BuildTrace.StartBackground(task.Build, "hook");
        span?.SetTag("builder.hook", task.Name);
        var folder = task.Kind == TaskKind.UploadHook ? hookSettings.UploadHooks : hookSettings.FailureHooks;
        var (build, file) = await builds.WithFileAsync(entry.Build, cancellationToken);
        HookResult result;
        using (file)
            result = await hooks.RunAsync(Path.Combine(folder, task.Name), build, cancellationToken);
        if (result.ExitCode != 0)
            span.Fail(result.Message);
        var state = result.ExitCode == 0 ? TaskState.Done : TaskState.Failed;
        await Tasks.EndAsync(task.Id, state, result.ExitCode, result.Message, result.Output, clock.GetUtcNow(), cancellationToken);
        HookEnded(task.Name, task.Build, result.Message);
    }

    private async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        var due = await Tasks.DueAsync(hooks: false, Batch, cancellationToken);
        foreach (var group in due.GroupBy(task => task.Kind))
        {
            var entries = new List<(PublishingTask Task, StoredBuilds.Entry Entry)>();
            foreach (var task in group)
            {
                if (await builds.FindAsync(task.Build, cancellationToken) is { } entry)
                    entries.Add((task, entry with { Build = entry.Build with { Seen = task.Due } }));
                else
                    await Tasks.EndAsync(
                        task.Id,
                        TaskState.Failed,
                        null,
                        "the build was removed",
                        null,
                        clock.GetUtcNow(),
                        cancellationToken
                    );
            }
            using var spans = BackgroundSpans.Start(entries.Select(static pair => pair.Task.Build), "publish");
            var outcomes = await TryPublishAsync(group.Key, entries, cancellationToken);
            foreach (var ((task, entry), outcome) in entries.Zip(outcomes))
            {
                // First the event, then the end of the task: whatever dies in between, the event is recorded, and once.
                await builds.NotePublishedAsync(entry.Build, outcome, clock.GetUtcNow(), cancellationToken);
                await Tasks.EndAsync(task.Id, StateOf(outcome), null, outcome.Message, null, clock.GetUtcNow(), cancellationToken);
                PackageDone(task.Build, outcome.Message);
            }
        }
        if (due.Count > 0)
            await builds.TouchAsync(cancellationToken);
        return due.Count > 0;
    }

    /// <summary>What is not the packages' fault is tried again; until then the pages say what is wrong.</summary>
    private async Task<IReadOnlyList<PublishOutcome>> TryPublishAsync(
        TaskKind kind,
        List<(PublishingTask Task, StoredBuilds.Entry Entry)> entries,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await PublishEntriesAsync(kind, [.. entries.Select(pair => pair.Entry)], byHand: false, cancellationToken);
        }
        catch (Exception exception)
            when (exception is RepositoryException or IOException or UnauthorizedAccessException || StorageTrouble.Of(exception) is not null
            )
        {
            foreach (var (task, _) in entries)
                await Tasks.NoteAsync(task.Id, $"cannot be published now, and is tried again: {exception.Message}", cancellationToken);
            throw;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A package that we cannot cope with must not stand in the way of the others.
            Failed(exception);
            if (entries.Count == 1)
                return [PublishOutcome.Refused($"publishing it failed: {exception.Message}")];
            var outcomes = new List<PublishOutcome>();
            foreach (var entry in entries)
                outcomes.AddRange(await TryPublishAsync(kind, [entry], cancellationToken));
            return outcomes;
        }
    }

    private static TaskState StateOf(PublishOutcome outcome) =>
        outcome.State switch
        {
            PublishState.Refused => TaskState.Refused,
            PublishState.Held => TaskState.Held,
            PublishState.Withdrawn => TaskState.Withdrawn,
            _ => TaskState.Done,
        };

    private async Task<IReadOnlyList<PublishOutcome>> PublishEntriesAsync(
        TaskKind kind,
        IReadOnlyList<StoredBuilds.Entry> entries,
        bool byHand,
        CancellationToken cancellationToken
    )
    {
        var outcomes = new PublishOutcome[entries.Count];
        var ready = new List<(int Index, PublishableBuild Build)>();
        var settings = kind == TaskKind.DebianPackage ? Repositories.DebianSettings : Repositories.FreeBsdSettings;
        foreach (var (i, entry) in entries.Index())
        {
            if (settings is null || entry.Build.MainBinary is null)
                outcomes[i] = PublishOutcome.Refused("the repository is not set up any more");
            else if (await WhyHeldAsync(entry, settings.Gate, cancellationToken) is { } reason)
                outcomes[i] = new PublishOutcome(PublishState.Held, reason);
            else
                ready.Add((i, entry.Build));
        }
        var groups = kind == TaskKind.DebianPackage ? ready.GroupBy(item => item.Build.Platform.Value) : ready.GroupBy(_ => "");
        foreach (var group in groups)
        {
            foreach (
                var (item, outcome) in group.Zip(
                    await PublishGroupAsync(kind, group.Key, [.. group.Select(item => item.Build)], byHand, cancellationToken)
                )
            )
                outcomes[item.Index] = outcome;
        }
        return outcomes;
    }

    private async Task<IReadOnlyList<PublishOutcome>> PublishGroupAsync(
        TaskKind kind,
        string platform,
        IReadOnlyList<PublishableBuild> together,
        bool byHand,
        CancellationToken cancellationToken
    )
    {
        var files = new List<LocalArtifact?>();
        try
        {
            var ready = new List<PublishableBuild>();
            foreach (var build in together)
            {
                var (withFile, file) = await builds.WithFileAsync(build, cancellationToken);
                files.Add(file);
                ready.Add(withFile);
            }
            return kind == TaskKind.DebianPackage
                ? await Repositories.Debian!.PublishAsync(platform, ready, cancellationToken, byHand)
                : await Repositories.FreeBsd!.PublishAsync(ready, cancellationToken, byHand);
        }
        finally
        {
            foreach (var file in files)
                file?.Dispose();
        }
    }

    /// <summary>The schedule's rule for the job goes before what the repository says.</summary>
    /// <returns>Null where it may go out.</returns>
    private async Task<string?> WhyHeldAsync(StoredBuilds.Entry entry, PublishGate gate, CancellationToken cancellationToken)
    {
        var quorum = await builds.QuorumAsync(entry.Build.Uuid, cancellationToken);
        if (quorum?.Rule is null && gate != PublishGate.Reproduced)
            return null;
        if (entry.InputId is null)
            return "not published: it does not record its input (build-inputs, build-environment, system-packages), so no other build can confirm it";
        if (quorum?.Rule is { IsIndependent: true })
            return quorum.Waiting is { } waiting ? $"not published yet: it {waiting}" : null;
        var others = (await builds.AgreeingAsync(entry, cancellationToken)).Count - 1;
        var wanted = quorum?.Rule?.Others ?? 1;
        return others >= wanted ? null
            : wanted == 1 ? "not published yet: it waits for a second build with the same input and the same main binary"
            : $"not published yet: it waits for {wanted} other builds with the same input and the same main binary; there are {others}";
    }

    /// <summary>Signs anew what would soon be refused by clients.</summary>
    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (Repositories is not { Debian: { } debian, DebianSettings.ValidDays: > 0 and var days })
            return;
        foreach (var distribution in debian.Distributions)
        {
            var current = debian.Snapshots(distribution).FirstOrDefault(snapshot => snapshot.IsCurrent);
            if (current is not null && clock.GetUtcNow() - current.Made > TimeSpan.FromDays(days) / 2)
                await debian.RefreshAsync(distribution, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "hook {Script} for build {Build}: {Message}")]
    private partial void HookEnded(string script, BuildUuid build, string message);

    [LoggerMessage(2, LogLevel.Information, "package of build {Build}: {Message}")]
    private partial void PackageDone(BuildUuid build, string message);

    [LoggerMessage(3, LogLevel.Error, "publishing does not get on; it tries again")]
    private partial void Failed(Exception exception);

    [LoggerMessage(5, LogLevel.Error, "publishing waits until this is over: {Explanation}")]
    private partial void Stopped(string explanation);

    [LoggerMessage(4, LogLevel.Warning, "{Warning}")]
    private partial void Warned(string warning);
}
