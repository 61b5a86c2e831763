namespace Builder.Cli.Advisories;

/// <summary>Tells addresses of advisories from paths.</summary>
internal static class AdvisoryAddress
{
    public static bool IsOne(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null where it is none.</summary>
    public static Uri? Parse(string text) =>
        IsOne(text) && Uri.TryCreate(text, UriKind.Absolute, out var address) && address.UserInfo.Length == 0 ? address : null;
}
