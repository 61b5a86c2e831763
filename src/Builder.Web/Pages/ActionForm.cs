using System.Text;
using Builder.Web.Html;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Pages;

/// <summary>A button that changes something, as a form of its own: it works without script.</summary>
internal static class ActionForm
{
    /// <summary>The name of the field that holds <see cref="Visitor.FormToken"/>.</summary>
    public const string TokenField = "form-token";

    /// <param name="label">What the button says.</param>
    /// <param name="name">What it says to a screen reader: what to, too.</param>
    /// <param name="fields">Sent along.</param>
    public static HtmlString Button(
        Visitor visitor,
        string address,
        string label,
        string name,
        params ReadOnlySpan<(string Name, string Value)> fields
    )
    {
        var html = new StringBuilder($"<form class=\"act\" method=\"post\" action=\"{Markup.Encode(address)}\">{Token(visitor)}");
        foreach (var (field, value) in fields)
            html.Append(Hidden(field, value));
        html.Append("<button class=\"button quiet\"");
        if (name != label)
            html.Append(null, $" aria-label=\"{Markup.Encode(name)}\"");
        return new HtmlString(html.Append(null, $">{Markup.Encode(label)}</button></form>").ToString());
    }

    public static HtmlString Token(Visitor visitor) => new(Hidden(TokenField, visitor.FormToken ?? ""));

    private static string Hidden(string name, string value) =>
        $"<input type=\"hidden\" name=\"{Markup.Encode(name)}\" value=\"{Markup.Encode(value)}\">";
}
