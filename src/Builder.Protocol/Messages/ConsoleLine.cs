using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A line a job printed, without its newline.</summary>
/// <param name="DeltaNanoseconds">Since the start of the build.</param>
public readonly record struct ConsoleLine(long DeltaNanoseconds, ByteString Text);
