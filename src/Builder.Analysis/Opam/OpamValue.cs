using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>A value of an opam file as it was written: nothing is interpreted, and lists of one stay lists. Equality is by structure.</summary>
public abstract record OpamValue
{
    private OpamValue()
    {
    }

    public sealed record Ident(string Name) : OpamValue;

    public sealed record Text(OpamText Value) : OpamValue;

    public sealed record Number(long Value) : OpamValue;

    public sealed record Flag(bool Value) : OpamValue;

    /// <summary><c>[a b]</c></summary>
    public sealed record List(ImmutableArray<OpamValue> Values) : OpamValue
    {
        public bool Equals(List? other) => other is not null && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

        public override int GetHashCode() => HashCode.Combine(nameof(List), Values.Length);
    }

    /// <summary><c>(a b)</c></summary>
    public sealed record Group(ImmutableArray<OpamValue> Values) : OpamValue
    {
        public bool Equals(Group? other) => other is not null && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

        public override int GetHashCode() => HashCode.Combine(nameof(Group), Values.Length);
    }

    /// <summary><c>a {b c}</c></summary>
    public sealed record Option(OpamValue Value, ImmutableArray<OpamValue> Options) : OpamValue
    {
        public bool Equals(Option? other) =>
            other is not null && Value.Equals(other.Value) && Options.AsSpan().SequenceEqual(other.Options.AsSpan());

        public override int GetHashCode() => HashCode.Combine(Value, Options.Length);
    }

    /// <summary><c>a &amp; b</c>, <c>a | b</c></summary>
    public sealed record Logical(string Operator, OpamValue Left, OpamValue Right) : OpamValue;

    /// <summary><c>a &gt;= b</c></summary>
    public sealed record Relational(string Operator, OpamValue Left, OpamValue Right) : OpamValue;

    /// <summary><c>a += b</c></summary>
    public sealed record Environment(string Operator, OpamValue Left, OpamValue Right) : OpamValue;

    /// <summary><c>!a</c>, <c>?a</c></summary>
    public sealed record Prefix(string Operator, OpamValue Argument) : OpamValue;

    /// <summary><c>&gt;= a</c></summary>
    public sealed record PrefixRelational(string Operator, OpamValue Argument) : OpamValue;
}
