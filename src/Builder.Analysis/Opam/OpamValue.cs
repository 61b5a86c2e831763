using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>A value of an opam file as it was written: nothing is interpreted, and lists of one stay lists. Equality is by structure.</summary>
public abstract record OpamValue
{
    private OpamValue() { }

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

    /// <summary>
    /// <c>a &amp; b</c>, <c>a | b</c>. A chain of thousands of terms leans to the left, deeper than a stack goes: whoever walks a tree
    /// takes it apart with <see cref="Chain"/> instead of following <see cref="Left"/>.
    /// </summary>
    public sealed record Logical(string Operator, OpamValue Left, OpamValue Right) : OpamValue
    {
        /// <summary>The first term, which is no <see cref="Logical"/>, and each operator with the term behind it.</summary>
        public (OpamValue First, ImmutableArray<(string Operator, OpamValue Term)> Others) Chain()
        {
            var others = ImmutableArray.CreateBuilder<(string, OpamValue)>();
            OpamValue at = this;
            while (at is Logical logical)
            {
                others.Add((logical.Operator, logical.Right));
                at = logical.Left;
            }
            others.Reverse();
            return (at, others.DrainToImmutable());
        }

        /// <summary>The same chain of other terms.</summary>
        public OpamValue Select(Func<OpamValue, OpamValue> change)
        {
            var (first, others) = Chain();
            return others.Aggregate(change(first), (left, other) => new Logical(other.Operator, left, change(other.Term)));
        }

        public bool Equals(Logical? other)
        {
            OpamValue left = this;
            OpamValue? right = other;
            while (left is Logical a && right is Logical b)
            {
                if (ReferenceEquals(a, b))
                    return true;
                if (a.Operator != b.Operator || !a.Right.Equals(b.Right))
                    return false;
                (left, right) = (a.Left, b.Left);
            }
            return left is not Logical && right is not Logical && left.Equals(right);
        }

        public override int GetHashCode() => HashCode.Combine(Operator, Right);

        public override string ToString() => $"{Operator} chain of {Chain().Others.Length + 1} terms";
    }

    /// <summary><c>a &gt;= b</c></summary>
    public sealed record Relational(string Operator, OpamValue Left, OpamValue Right) : OpamValue;

    /// <summary><c>a += b</c></summary>
    public sealed record Environment(string Operator, OpamValue Left, OpamValue Right) : OpamValue;

    /// <summary><c>!a</c>, <c>?a</c></summary>
    public sealed record Prefix(string Operator, OpamValue Argument) : OpamValue;

    /// <summary><c>&gt;= a</c></summary>
    public sealed record PrefixRelational(string Operator, OpamValue Argument) : OpamValue;
}
