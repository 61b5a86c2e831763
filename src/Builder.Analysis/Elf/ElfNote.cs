namespace Builder.Analysis.Elf;

/// <param name="Owner">Without its terminating NUL.</param>
public sealed record ElfNote(string Owner, uint Type, ReadOnlyMemory<byte> Descriptor);
