namespace Builder.Storage.Accounts;

/// <summary>Text of strangers for the tables: bounded, and without what a database or terminal takes for something else.</summary>
internal static class AuditText
{
    public static string Of(string text, int maxLength)
    {
        var clean = string.Concat(text.Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '?' : character));
        return clean.Length <= maxLength ? clean : clean[..(maxLength - 1)] + "…";
    }
}
