namespace Builder.Publishing.Debian;

/// <summary>One package in a relation field: <c>NAME[:ARCHITECTURE] [(OPERATOR VERSION)]</c>.</summary>
internal sealed record Relation(string Name, string? Architecture, string? Operator, string? Version);
