namespace Builder.Analysis.Difference.Elf;

/// <summary>Which function of one side is which of the other.</summary>
internal sealed class FunctionMatch
{
    public FunctionMatch(int left, int right)
    {
        RightOf = new int[left];
        LeftOf = new int[right];
        Array.Fill(RightOf, -1);
        Array.Fill(LeftOf, -1);
    }

    /// <summary>−1: it has none.</summary>
    public int[] RightOf { get; }

    public int[] LeftOf { get; }

    public void Add(int left, int right) => (RightOf[left], LeftOf[right]) = (right, left);
}
