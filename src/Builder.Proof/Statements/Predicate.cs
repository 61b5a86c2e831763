using System.Text.Json;

namespace Builder.Proof.Statements;

/// <summary>What a statement says of its subjects.</summary>
public abstract record Predicate
{
    /// <summary>The URI that names the kind.</summary>
    public abstract string Type { get; }

    /// <summary>Writes one JSON object; equal predicates give equal bytes.</summary>
    public abstract void Write(Utf8JsonWriter json);
}
