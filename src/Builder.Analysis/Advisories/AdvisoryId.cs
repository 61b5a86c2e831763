namespace Builder.Analysis.Advisories;

/// <summary>The names of advisories, such as <c>OSEC-2026-01</c>: they stand in addresses and file names.</summary>
public static class AdvisoryId
{
    public static bool IsValid(string id)
    {
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
                return false;
        }
        return id.Length is > 0 and <= AdvisoryLimits.MaxIdLength && char.IsAsciiLetterOrDigit(id[0]);
    }
}
