using Builder.Protocol.Values;

namespace Builder.Server.Builds;

/// <summary>A result as the end of a console shows it, in the original's words.</summary>
internal static class ResultText
{
    public static string Of(ExecutionResult result) =>
        result switch
        {
            ExecutionResult.Exited(var status) => $"exited {status}",
            ExecutionResult.Signalled(var signal) => $"signalled {signal}",
            ExecutionResult.Stopped(var signal) => $"stopped {signal}",
            ExecutionResult.Message(var text) => $"execution aborted: {text}",
            _ => throw new InvalidOperationException($"unknown result {result.GetType().Name}"),
        };
}
