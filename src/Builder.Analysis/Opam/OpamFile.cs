using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Opam;

/// <summary>An opam file, or a switch export, as a tree: every field and section in the order of the file.</summary>
public sealed record OpamFile(ImmutableArray<OpamItem> Items)
{
    /// <summary>The most bytes that are read; what is longer is refused.</summary>
    public const int MaximumLength = OpamLimits.Bytes;

    /// <param name="source">Must not change as long as the tree is in use: strings are slices of it.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="OpamSyntaxException">The bytes are not an opam file.</exception>
    public static OpamFile Parse(ReadOnlyMemory<byte> source, string name) => new(OpamParser.Parse(source, name));

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(
        ReadOnlyMemory<byte> source,
        string name,
        [NotNullWhen(true)] out OpamFile? file,
        [NotNullWhen(false)] out OpamSyntaxException? error
    )
    {
        try
        {
            file = Parse(source, name);
            error = null;
            return true;
        }
        catch (OpamSyntaxException exception)
        {
            file = null;
            error = exception;
            return false;
        }
    }

    public bool Equals(OpamFile? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    public override int GetHashCode() => Items.Length;
}
