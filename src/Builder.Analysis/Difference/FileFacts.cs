namespace Builder.Analysis.Difference;

/// <summary>What only the operating system's own calls tell of a file on disk.</summary>
/// <param name="SpecialType"><c>named pipe</c>, <c>socket</c>, <c>character device</c> or <c>block device</c>; null for everything else.</param>
/// <param name="Owner">Numbers of user and group, such as <c>0:0</c>.</param>
public sealed record FileFacts(string? SpecialType, string Owner);
