using System.Diagnostics;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;
using Builder.Server.Dispatch;
using Builder.Server.Tracing;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>One client: one command, one answer.</summary>
internal sealed class ClientSession(
    Dispatcher farm,
    BuildObservers observers,
    ClientRequests requests,
    Peer peer,
    TimeProvider clock,
    ILogger logger
)
{
    /// <summary>Between hello and the end of the command, which brings a script.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(2);

    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        var command = await ReadCommandAsync(cancellationToken);
        ActivityContext? client = null;
        if (
            peer is { IsExtended: true, Version: >= ProtocolVersion.ExtendedClientWithTrace }
            && command is Command.Request trace
            && trace.Verb.ToString() == TraceMessage.Verb
        )
        {
            client = TraceMessage.From(trace);
            command = await ReadCommandAsync(cancellationToken);
        }
        if (command is null)
            return;
        if (peer.Key is { } key && ClientPermissions.Of(command) is var permission && !key.Allows(permission))
        {
            await AnswerAsync(
                Describe(command),
                $"the key \"{key.Name}\" is not for this: it needs \"{ClientPermissions.NameOf(permission)}\"",
                cancellationToken
            );
            return;
        }
        using var span = BuildSpans.Request(client, Describe(command).Split(' ')[0]);
        switch (command)
        {
            case Command.Info:
                await peer.Writer.WriteAsync(new Command.InfoReply(ServerInfoView.Of(farm)), cancellationToken);
                await AnswerAsync("info", null, cancellationToken);
                break;
            case Command.Observe(var uuid):
                await AnswerAsync($"observe {uuid}", await observers.ShowAsync(peer, uuid, cancellationToken), cancellationToken);
                break;
            case Command.Cancel(var uuid) when peer.IsExtended:
                await AnswerAsync($"cancel {uuid}", farm.Cancel(uuid), cancellationToken);
                break;
            case Command.Request(var verb, _) when peer.IsExtended && verb.ToString() == ChangesSession.Verb:
                logger.PeerSaid(peer.Name, ChangesSession.Verb);
                await ChangesSession.ServeAsync(farm.Changes, peer, clock, cancellationToken);
                break;
            case Command.Request(var verb, var body) when peer.IsExtended:
                var (answer, refusal) = await requests.CarryOutAsync(verb.ToString(), body.Memory, client);
                if (answer is not null)
                    await peer.Writer.WriteAsync(new Command.Answer(new ByteString(answer)), cancellationToken);
                await AnswerAsync($"{verb}", refusal, cancellationToken);
                break;
            default:
                await AnswerAsync(Describe(command), await CarryOutAsync(command, client), cancellationToken);
                break;
        }
    }

    private async Task<Command?> ReadCommandAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(MaxSilence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await peer.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProtocolException(ProtocolErrorReason.DeadlinePassed, "the client said hello, then nothing");
        }
    }

    private Task<string?> CarryOutAsync(Command command, ActivityContext? client) =>
        farm.AskedAsync(client, JobsOf(command), () => CarryOutAsync(command));

    /// <summary>Whose next build the command brings about.</summary>
    private static IReadOnlyList<JobName> JobsOf(Command command)
    {
        ByteString? named = command switch
        {
            Command.Schedule(_, var job) => job.Name,
            Command.ScheduleOrbBuild(_, var job) => job.Name,
            Command.Reschedule(var name, _, _) => name,
            Command.Execute(var name, _) => name,
            _ => null,
        };
        return named is { } bytes && JobName.TryParse(bytes, out var parsed, out _) ? [parsed] : [];
    }

    private Task<string?> CarryOutAsync(Command command) =>
        command switch
        {
            Command.Schedule(var period, var job) => farm.ScheduleAsync(job, period),
            Command.ScheduleOrbBuild(var period, var job) => farm.ScheduleAsync(job, period),
            Command.Unschedule(var name) => farm.RequestAsync((scheduler, _) => scheduler.Unschedule(name)),
            Command.Reschedule(var name, var next, var period) => farm.RequestAsync(
                (scheduler, now) => scheduler.Reschedule(name, next, period, now)
            ),
            Command.Execute(var name, var platform) => farm.RequestAsync((scheduler, now) => scheduler.Execute(name, platform, now)),
            Command.DropPlatform(var platform) => farm.DropAsync(platform),
            Command.UndropPlatform(var platform) => farm.UndropAsync(platform),
            _ => throw ConnectionHandler.Unexpected("a command of a client was expected"),
        };

    private async Task AnswerAsync(string request, string? refusal, CancellationToken cancellationToken)
    {
        if (refusal is null)
            logger.PeerSaid(peer.Name, request);
        else
            logger.Answered(peer.Name, request, refusal);
        Command answer = refusal is null ? new Command.Success() : new Command.Failure(ByteString.FromUtf8(refusal));
        await peer.Writer.WriteAsync(answer, cancellationToken);
    }

    private static string Describe(Command command) =>
        command switch
        {
            Command.Schedule(_, var job) => $"schedule {job.Name}",
            Command.ScheduleOrbBuild(_, var job) => $"orb-build {job.Name}",
            Command.Unschedule(var name) => $"unschedule {name}",
            Command.Reschedule(var name, _, _) => $"reschedule {name}",
            Command.Execute(var name, _) => $"execute {name}",
            Command.DropPlatform(var platform) => $"drop-platform {platform}",
            Command.UndropPlatform(var platform) => $"undrop-platform {platform}",
            Command.Cancel(var uuid) => $"cancel {uuid}",
            Command.Request(var verb, _) => verb.ToString(),
            _ => "an unexpected command",
        };
}
