using System.Globalization;

namespace Builder.Protocol.Text;

/// <summary>A colour of text on a terminal: one of the sixteen that have names, whose shade is the reader's choice, or an exact one.</summary>
public readonly record struct TerminalColour
{
    private const int Names = 16;
    private const int ExactFlag = 1 << 24;

    private readonly int value;

    private TerminalColour(int value) => this.value = value;

    /// <summary>0 to 7 black, red, green, yellow, blue, magenta, cyan, white; 8 to 15 their bright ones; −1 for an exact colour.</summary>
    public int Name => value < Names ? value : -1;

    public byte Red => (byte)(value >> 16);

    public byte Green => (byte)(value >> 8);

    public byte Blue => (byte)value;

    public static TerminalColour Named(int name) => new(name & (Names - 1));

    /// <summary>Null unless each part is 0 to 255.</summary>
    public static TerminalColour? Of(int red, int green, int blue) =>
        (uint)red > 255 || (uint)green > 255 || (uint)blue > 255 ? null : new TerminalColour(ExactFlag | (red << 16) | (green << 8) | blue);

    /// <summary>Of xterm's 256: sixteen with names, a cube of 6 × 6 × 6, 24 greys. Null for other numbers.</summary>
    public static TerminalColour? OfPalette(int index)
    {
        const int Cube = 16;
        const int Greys = 232;
        switch (index)
        {
            case < 0 or > 255:
                return null;
            case < Cube:
                return Named(index);
            case < Greys:
                var place = index - Cube;
                return Of(Level(place / 36), Level(place / 6 % 6), Level(place % 6));
            default:
                var grey = 8 + (10 * (index - Greys));
                return Of(grey, grey, grey);
        }
    }

    /// <summary>Parameters of the sequence that sets it: <c>31</c>, <c>38;2;255;135;0</c>.</summary>
    public string ToParameters() =>
        Name switch
        {
            -1 => string.Create(CultureInfo.InvariantCulture, $"38;2;{Red};{Green};{Blue}"),
            < 8 => (30 + Name).ToString(CultureInfo.InvariantCulture),
            _ => (90 + Name - 8).ToString(CultureInfo.InvariantCulture),
        };

    private static int Level(int step) => step == 0 ? 0 : 55 + (40 * step);
}
