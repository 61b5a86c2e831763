using System.Globalization;
using System.Text;

namespace Builder.Analysis.Drawing;

/// <summary>SVG text; numbers with one decimal, names made safe.</summary>
internal sealed class SvgBuilder
{
    private readonly StringBuilder _text = new(1 << 16);

    public int Length => _text.Length;

    public SvgBuilder Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    public SvgBuilder Raw(int number)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{number}");
        return this;
    }

    public SvgBuilder Escaped(string text)
    {
        SafeText.AppendEscaped(_text, text);
        return this;
    }

    /// <summary><c> name="12.3"</c></summary>
    public SvgBuilder Number(string name, double value)
    {
        _text.Append(' ').Append(name).Append("=\"");
        AppendNumber(value);
        _text.Append('"');
        return this;
    }

    public SvgBuilder Value(double value)
    {
        AppendNumber(value);
        return this;
    }

    public SvgBuilder Value(double value, int digits)
    {
        _text.Append(value.ToString($"F{digits}", CultureInfo.InvariantCulture));
        return this;
    }

    public SvgBuilder Rectangle(string cssClass, Rectangle place, double radius = 0)
    {
        _text.Append("<rect");
        if (cssClass.Length > 0)
            _text.Append(" class=\"").Append(cssClass).Append('"');
        Number("x", place.X).Number("y", place.Y).Number("width", place.Width).Number("height", place.Height);
        if (radius > 0)
            Number("rx", radius);
        _text.Append("/>");
        return this;
    }

    public SvgBuilder Text(string cssClass, double x, double y, string text)
    {
        _text.Append("<text");
        if (cssClass.Length > 0)
            _text.Append(" class=\"").Append(cssClass).Append('"');
        return Number("x", x).Number("y", y).Raw(">").Escaped(text).Raw("</text>");
    }

    /// <summary>A name and, close behind it, an amount.</summary>
    public SvgBuilder Label(string cssClass, double x, double y, string name, string amount)
    {
        _text.Append("<text class=\"").Append(cssClass).Append('"');
        Number("x", x).Number("y", y).Raw(">");
        // A name written from right to left must not take the amount with it.
        if (Ascii.IsValid(name))
            Escaped(name);
        else
            Raw("&#x2068;").Escaped(name).Raw("&#x2069;");
        if (amount.Length > 0)
            Raw("<tspan class=\"a\" dx=\"6\">").Escaped(amount).Raw("</tspan>");
        return Raw("</text>");
    }

    public override string ToString() => _text.ToString();

    private void AppendNumber(double value)
    {
        var tenths = (long)Math.Round(value * 10);
        if (tenths < 0)
            _text.Append('-');
        tenths = Math.Abs(tenths);
        _text.Append(CultureInfo.InvariantCulture, $"{tenths / 10}");
        if (tenths % 10 != 0)
            _text.Append('.').Append((char)('0' + tenths % 10));
    }
}
