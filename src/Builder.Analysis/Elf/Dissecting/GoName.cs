using System.Text;

namespace Builder.Analysis.Elf;

/// <summary><c>github.com/owner/module/sub.(*Type).Method</c>: the module, the package in it, the symbol.</summary>
internal static class GoName
{
    public static List<string> Parse(ReadOnlySpan<byte> symbol)
    {
        // type:.eq.example.com/p.T, go:itab.*os.File,io.Reader: made by the compiler for everybody.
        var colon = symbol.IndexOf((byte)':');
        if (colon is > 0 and < 8 && !symbol[..colon].ContainsAny((byte)'/', (byte)'.'))
            return [Encoding.UTF8.GetString(symbol[..(colon + 1)]), Encoding.UTF8.GetString(symbol)];
        var end = symbol.IndexOfAny((byte)'(', (byte)'[');
        var head = end < 0 ? symbol : symbol[..end];
        var slash = head.LastIndexOf((byte)'/');
        var dot = head[(slash + 1)..].IndexOf((byte)'.');
        if (dot < 0)
            return [Encoding.UTF8.GetString(symbol)];
        var package = Encoding.UTF8.GetString(head[..(slash + 1 + dot)]).Replace("%2e", ".", StringComparison.Ordinal);
        var path = new List<string>();
        var module = ModuleLength(package);
        path.Add(package[..module]);
        if (module < package.Length)
            path.Add(package[(module + 1)..]);
        path.Add(Encoding.UTF8.GetString(symbol[(slash + 2 + dot)..]));
        return path;
    }

    /// <summary>host/owner/module for what is fetched, the first word for the standard library.</summary>
    private static int ModuleLength(string package)
    {
        if (package.StartsWith("vendor/", StringComparison.Ordinal))
            return "vendor".Length;
        var first = package.IndexOf('/', StringComparison.Ordinal);
        if (first < 0)
            return package.Length;
        var words = package.AsSpan(0, first).Contains('.')
            ? package.StartsWith("gopkg.in/", StringComparison.Ordinal)
                ? 2
                : 3
            : 1;
        var at = -1;
        while (words-- > 0)
        {
            at = package.IndexOf('/', at + 1);
            if (at < 0)
                return package.Length;
        }
        return at;
    }
}
