namespace Builder.Protocol.Values;

/// <summary>What a bisection found: which variation changes the output.</summary>
/// <param name="Kind">Whether it is known.</param>
/// <param name="Variation">The one that matters; none unless <paramref name="Kind"/> is <see cref="BisectionKind.Variation"/>.</param>
public readonly record struct BisectionFinding(BisectionKind Kind, Variations Variation = Variations.None)
{
    private const string NotVariedText = "not-varied";
    private const string OpenText = "open";

    public static BisectionFinding NotVaried { get; } = new(BisectionKind.NotVaried);

    public static BisectionFinding Open { get; } = new(BisectionKind.Open);

    /// <summary>The variation's name, <c>not-varied</c> or <c>open</c>.</summary>
    public string Write() =>
        Kind switch
        {
            BisectionKind.Variation => VariationNames.Write(Variation),
            BisectionKind.NotVaried => NotVariedText,
            _ => OpenText,
        };

    /// <summary>What is not known is <see cref="BisectionKind.Open"/>.</summary>
    public static BisectionFinding Read(string text) =>
        text == NotVariedText ? NotVaried
        : VariationNames.TryParse(text, out var variation) ? new BisectionFinding(BisectionKind.Variation, variation)
        : Open;
}
