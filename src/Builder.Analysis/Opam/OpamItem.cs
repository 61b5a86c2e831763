using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>What an opam file is a sequence of.</summary>
public abstract record OpamItem
{
    private OpamItem() { }

    /// <summary><c>name: value</c></summary>
    public sealed record Field(string Name, OpamValue Value) : OpamItem;

    /// <summary><c>kind "name" { … }</c></summary>
    public sealed record Section(string Kind, OpamText? Name, ImmutableArray<OpamItem> Items) : OpamItem
    {
        public bool Equals(Section? other) =>
            other is not null && Kind == other.Kind && Name == other.Name && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

        public override int GetHashCode() => HashCode.Combine(Kind, Name, Items.Length);
    }
}
