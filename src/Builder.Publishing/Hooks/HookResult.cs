namespace Builder.Publishing.Hooks;

/// <param name="ExitCode">Null where it did not end by itself.</param>
/// <param name="Output">Of both its outputs, the beginning and the end where there is much.</param>
public sealed record HookResult(int? ExitCode, string Message, byte[] Output);
