namespace Builder.Web.Find;

/// <summary>Where a search through consoles ends.</summary>
/// <param name="Places">Found ones.</param>
/// <param name="Bytes">Of consoles that are opened.</param>
internal sealed record ConsoleLimits(int Places, long Bytes)
{
    public const int MinLength = 3;
    public const int MaxLength = 300;

    /// <summary>For whoever asks for a text alone.</summary>
    public static ConsoleLimits Whole { get; } = new(100, 256L << 20);

    /// <summary>Beside jobs, packages and builds.</summary>
    public static ConsoleLimits Beside { get; } = new(10, 32L << 20);
}
