namespace Builder.Analysis.Elf;

/// <summary>A compilation unit of an OCaml program: bytes of code, of data, and of the table that the garbage collector walks stacks with.</summary>
/// <param name="Name">As linked, <c>Stdlib__List</c>; <c>startup</c> and <c>system</c> are the compiler's own.</param>
public sealed record OCamlUnit(string Name, long Code, long Data, long Frametable)
{
    public long Total => Code + Data + Frametable;

    /// <summary>The library's module and the part of it: <c>Stdlib</c>, <c>List</c>.</summary>
    public IReadOnlyList<string> Path => PathOf(Name);

    internal static string[] PathOf(string name)
    {
        const int Deepest = 8;
        var parts = name.Split("__", Deepest, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0 ? [name] : parts;
    }
}
