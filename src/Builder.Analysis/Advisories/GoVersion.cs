namespace Builder.Analysis.Advisories;

/// <summary>Versions of Go and its modules, as the Go vulnerability database writes them: without <c>go</c> and <c>v</c> in front.</summary>
public static class GoVersion
{
    /// <summary><c>go1.21rc2</c> is <c>1.21.0-rc.2</c>, <c>v1.2.3</c> is <c>1.2.3</c>, <c>go1.22.1 X:nocoverage</c> is <c>1.22.1</c>.</summary>
    public static string Normalize(string version)
    {
        if (!version.StartsWith("go", StringComparison.Ordinal))
            return version.StartsWith('v') ? version[1..] : version;
        var core = version[2..];
        if (core.AsSpan().IndexOfAny(' ', '-', '+') is var end and >= 0)
            core = core[..end];
        foreach (var kind in (ReadOnlySpan<string>)["rc", "beta"])
        {
            var at = core.IndexOf(kind, StringComparison.Ordinal);
            if (at <= 0)
                continue;
            var release = core[..at];
            var missing = string.Concat(Enumerable.Repeat(".0", Math.Max(0, 2 - release.Count(c => c == '.'))));
            return $"{release}{missing}-{kind}.{core[(at + kind.Length)..]}";
        }
        return core;
    }
}
