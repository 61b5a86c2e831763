namespace Builder.Analysis.Advisories;

/// <summary>A file is not an advisory; the message names the file and what is wrong.</summary>
public sealed class AdvisoryException(string message) : FormatException(message);
