namespace Builder.Web.Html;

/// <param name="Html">Encoded.</param>
public sealed record ShownLine(long Number, string? Time, string Html, bool IsError);
