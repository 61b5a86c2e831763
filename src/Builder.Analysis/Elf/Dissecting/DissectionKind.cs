namespace Builder.Analysis.Elf;

/// <summary>What the bytes of a node are.</summary>
public enum DissectionKind
{
    /// <summary>The whole file, or several kinds together.</summary>
    File,
    OCaml,
    OCamlCode,
    OCamlData,
    OCamlFrametable,
    C,
    Cpp,
    Rust,
    Go,

    /// <summary>Code, data and constants of the program that no symbol names, by section.</summary>
    Contents,

    /// <summary>What the loader and the unwinder need.</summary>
    Linking,
    Debug,

    /// <summary>Symbol tables and their names, notes.</summary>
    Names,

    /// <summary>Headers, and filling between parts that must be aligned.</summary>
    Padding,

    /// <summary>Bytes that no section claims and that are not filling.</summary>
    Unaccounted,
}
