namespace Builder.Analysis.Difference.Elf;

/// <summary>A named object of data with another value.</summary>
/// <param name="Left">Text, number or hex.</param>
internal sealed record DataChange(DataSymbol Symbol, DataSymbol RightSymbol, string Left, string Right, bool IsText, bool IsWritten);
