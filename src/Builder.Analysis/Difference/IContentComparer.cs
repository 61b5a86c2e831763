namespace Builder.Analysis.Difference;

/// <summary>Compares contents of one kind: a container with members, or a leaf.</summary>
public interface IContentComparer
{
    /// <summary>Whether both sides are of this kind, judged by their bytes.</summary>
    bool Takes(Content left, Content right);

    /// <summary>
    /// Only for contents that it takes and that are not equal. The engine adds sizes and hashes.
    /// Broken input: <see cref="InvalidDataException"/> or <see cref="EndOfStreamException"/> with the reason; the engine then compares the bytes and notes it.
    /// </summary>
    ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context);
}
