namespace Builder.Protocol;

/// <summary>A line a job printed, without its newline.</summary>
/// <param name="DeltaNanoseconds">Since the start of the build.</param>
public readonly record struct ConsoleLine(long DeltaNanoseconds, ByteString Text);
