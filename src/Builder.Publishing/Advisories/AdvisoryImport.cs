namespace Builder.Publishing.Advisories;

/// <summary>What an import brought.</summary>
/// <param name="Problems">Files that should be advisories and are not.</param>
public sealed record AdvisoryImport(int Read, int Changed, int Withdrawn, int Problems);
