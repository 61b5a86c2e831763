using System.CommandLine;
using System.CommandLine.Invocation;
using System.Diagnostics;
using Builder.Cli.Tracing;
using Builder.Protocol.Tracing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Cli.Client;

/// <summary>
/// A span for each client command, where a collector is named. It is in the trace that <c>$TRACEPARENT</c> names, as in a pipeline that runs the client,
/// else in a trace of its own; builds that the command brings about refer to it.
/// </summary>
internal static class ClientTrace
{
    private const string ParentVariable = "TRACEPARENT";

    /// <summary>For a collector that does not answer.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(1);

    /// <summary>Puts the span around what the command does.</summary>
    public static void Around(Command command, TraceOption traces)
    {
        if (command.Action is not AsynchronousCommandLineAction action)
            return;
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var export = traces.Start(parsed, "builder-client", TimeToEnd, NullLogger.Instance);
                using var span = export is null ? null : BuildTrace.Start(command.Name, Parent(), ActivityKind.Client);
                try
                {
                    return await action.InvokeAsync(parsed, cancellationToken);
                }
                catch (Exception exception)
                {
                    span.Fail(exception.Message);
                    throw;
                }
            }
        );
    }

    private static ActivityContext Parent() =>
        TraceParent.TryParse(Environment.GetEnvironmentVariable(ParentVariable), out var parent)
            ? parent
            : new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded);
}
