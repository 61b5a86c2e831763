using System.Buffers;

namespace Builder.Analysis.Elf;

/// <summary>The name that rustc gives a compilation unit in its FILE symbol: <c>CRATE.HASH-cgu.N</c>, at times with <c>.rcgu.o</c> behind it.</summary>
internal static class RustUnit
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Null where the name is no unit of Rust.</summary>
    public static string? CrateOf(string file)
    {
        var unit = file.AsSpan();
        if (unit.EndsWith(".rcgu.o", StringComparison.Ordinal))
            unit = unit[..^".rcgu.o".Length];
        var mark = unit.LastIndexOf("-cgu.", StringComparison.Ordinal);
        if (mark > 0 && mark + 5 < unit.Length && !unit[(mark + 5)..].ContainsAnyExceptInRange('0', '9'))
        {
            var head = unit[..mark];
            var dot = head.LastIndexOf('.');
            return dot > 0 && dot < head.Length - 1 && !head[(dot + 1)..].ContainsAnyExcept(HexDigits) ? head[..dot].ToString() : null;
        }
        // Units of an incremental build are named by a hash alone.
        return file.EndsWith(".rcgu.o", StringComparison.Ordinal) ? "(incremental units)" : null;
    }
}
