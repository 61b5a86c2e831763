using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Builder.Protocol.Text;

namespace Builder.Web.Html;

/// <summary>
/// Escapes what HTML needs and leaves every script of the world readable. What nobody would see, and what changes the order of reading, is shown as
/// <c>\u202e</c>: all text of strangers in pages goes through here.
/// </summary>
internal sealed class VisibleHtmlEncoder : HtmlEncoder
{
    private readonly HtmlEncoder html = Create(UnicodeRanges.All);

    /// <summary><c>\udb40\udc01</c> is the longest of ours.</summary>
    public override int MaxOutputCharactersPerInputCharacter => Math.Max(12, html.MaxOutputCharactersPerInputCharacter);

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        var plain = span.IndexOfAnyExcept(Plain);
        for (var index = plain; index >= 0 && index < textLength; )
        {
            if (Rune.DecodeFromUtf16(span[index..], out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
                return index;
            index += length;
        }
        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        if (!Rune.TryCreate(unicodeScalar, out var rune) || !VisibleText.IsHiddenInText(rune))
            return html.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        var shown = VisibleText.Escape(rune);
        numberOfCharactersWritten = shown.TryCopyTo(new Span<char>(buffer, bufferLength)) ? shown.Length : 0;
        return numberOfCharactersWritten > 0;
    }

    /// <summary>LF and TAB lay text out; the encoder below would write them as references, which browsers take for the same.</summary>
    public override bool WillEncode(int unicodeScalar) =>
        html.WillEncode(unicodeScalar) || (Rune.TryCreate(unicodeScalar, out var rune) && VisibleText.IsHiddenInText(rune));

    /// <summary>Neither hidden nor of any meaning in HTML.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -._~/:;,!?@#$%()[]{}=*|^"
    );
}
