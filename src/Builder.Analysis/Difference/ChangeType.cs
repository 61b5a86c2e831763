namespace Builder.Analysis.Difference;

public enum ChangeType
{
    /// <summary>A named value, such as a field of a header.</summary>
    Field,

    /// <summary>Lines of text or of a disassembly: <see cref="Change.Text"/> is a unified diff.</summary>
    Lines,

    /// <summary>A range of bytes, as hex and printable.</summary>
    Bytes,

    /// <summary>Symbols or functions.</summary>
    Symbols,

    /// <summary>Members of an archive on one side only.</summary>
    Members,

    /// <summary>The same things in another order.</summary>
    Order,
}
