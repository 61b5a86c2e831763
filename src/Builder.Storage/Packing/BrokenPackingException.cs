using Builder.Analysis.Values;

namespace Builder.Storage.Packing;

/// <summary>A content cannot be made from its packed form.</summary>
/// <param name="faulty">The content in whose stored form the fault is: the one that was asked for, or one that its patch is made from.</param>
public sealed class BrokenPackingException(Sha256Digest faulty, string reason) : IOException(reason)
{
    public Sha256Digest Faulty { get; } = faulty;
}
