namespace Builder.Analysis.Drawing;

/// <summary>What stands where a picture cannot be drawn: the reason.</summary>
public static class PictureNotice
{
    public static string Page(string title, string reason)
    {
        const int MaxReasonLength = 2000;
        return new SvgBuilder()
            .Raw(
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>"
            )
            .Escaped(SafeText.Clean(title, DissectionItems.MaxNameLength))
            .Raw("</title><style>")
            .Raw(PicturePage.Style)
            .Raw("p{overflow-wrap:anywhere}</style></head><body><p>")
            .Escaped(SafeText.Clean(reason, MaxReasonLength))
            .Raw("</p></body></html>\n")
            .ToString();
    }
}
