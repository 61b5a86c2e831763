using Builder.Protocol.Values;

namespace Builder.Server.Builds;

/// <summary>The end of a console: the result, or that the worker was lost and the job goes to another.</summary>
internal sealed record ConsoleEnd(long DeltaNanoseconds, ByteString Text);
