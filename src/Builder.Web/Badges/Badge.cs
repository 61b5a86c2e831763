using System.Globalization;
using System.Text.Json;
using Builder.Web.Html;

namespace Builder.Web.Badges;

/// <summary>Two words on two colours, as a picture and in the form that shields.io reads (its endpoint badge, schema version 1).</summary>
/// <param name="Color">One of the names below.</param>
internal sealed record Badge(string Label, string Message, BadgeColor Color)
{
    private const int Height = 20;
    private const int Padding = 6;

    /// <summary>Of DejaVu Sans and Verdana at 11 px, about; the text is fitted to what it comes to.</summary>
    private const double CharacterWidth = 6.6;
    private const int MaxLength = 60;

    public string ToSvg()
    {
        var (label, message) = (Shorten(Label), Shorten(Message));
        var (left, right) = (Width(label), Width(message));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{Height}" role="img" aria-label="{Encode(
                label
            )}: {Encode(message)}"><title>{Encode(label)}: {Encode(message)}</title><rect width="{left
                + right}" height="{Height}" rx="3" fill="#4a4f55"/><path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v{Height
                - 6}a3 3 0 0 1-3 3h-{right
                - 3}z" fill="{Hex}"/><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="{Padding}" y="14" textLength="{left
                - (2 * Padding)}">{Encode(label)}</text><text x="{left + Padding}" y="14" textLength="{right - (2 * Padding)}">{Encode(
                message
            )}</text></g></svg>
            """
        );
    }

    /// <param name="seconds">For how long shields.io may keep it.</param>
    public void Write(Utf8JsonWriter json, int seconds)
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 1);
        json.WriteString("label", Shorten(Label));
        json.WriteString("message", Shorten(Message));
        json.WriteString("color", Hex.TrimStart('#'));
        json.WriteNumber("cacheSeconds", seconds);
        json.WriteEndObject();
    }

    /// <summary>White text on each has a contrast of 4.5 and more.</summary>
    private string Hex =>
        Color switch
        {
            BadgeColor.Good => "#1a7f4b",
            BadgeColor.Bad => "#b42318",
            BadgeColor.Warn => "#8a5a00",
            BadgeColor.Active => "#1d5ab6",
            _ => "#5f666d",
        };

    private static int Width(string text) => (int)Math.Ceiling(text.Length * CharacterWidth) + (2 * Padding);

    private static string Shorten(string text) => text.Length <= MaxLength ? text : text[..(MaxLength - 1)] + "…";

    private static string Encode(string text) => Markup.Encode(text);
}

internal enum BadgeColor
{
    Plain,
    Good,
    Warn,
    Bad,
    Active,
}
