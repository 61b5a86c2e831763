namespace Builder.Web.Find;

/// <summary>Which consoles have a line with a text.</summary>
/// <param name="Consoles">How many can be found at all.</param>
/// <param name="Places">For each job and platform its newest console that has it, the newest first; for one job all of its consoles.</param>
/// <param name="IsWhole">False where a limit ended the search: there may be more.</param>
public sealed record ConsoleAnswer(string Text, long Consoles, IReadOnlyList<ConsolePlace> Places, bool IsWhole);
