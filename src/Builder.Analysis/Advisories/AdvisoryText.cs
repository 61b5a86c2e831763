namespace Builder.Analysis.Advisories;

/// <summary>Bounds texts of strangers.</summary>
internal static class AdvisoryText
{
    private const int MaxQuoted = 80;

    public static string Short(string text) =>
        text.Length <= AdvisoryLimits.MaxTextLength ? text : $"{text[..AdvisoryLimits.MaxTextLength]}…";

    public static string Quote(string text) => $"\"{(text.Length <= MaxQuoted ? text : $"{text[..MaxQuoted]}…")}\"";
}
