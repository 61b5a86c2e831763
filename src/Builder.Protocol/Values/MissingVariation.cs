namespace Builder.Protocol.Values;

/// <summary>A variation that was asked for and not made.</summary>
/// <param name="Reason">A short code of small letters and hyphens; <see cref="Text"/> says it to people.</param>
public sealed record MissingVariation(Variations Variation, string Reason)
{
    /// <summary>The worker does not know variations: it is one of the original, or older.</summary>
    public const string UnknownToWorker = "worker";

    public const string NoFaketime = "no-faketime";
    public const string NoDisorderfs = "no-disorderfs";
    public const string NoFuse = "no-fuse";
    public const string NoTaskset = "no-taskset";
    public const string OneProcessor = "one-cpu";
    public const string NoSetarch = "no-setarch";
    public const string NoSandbox = "no-sandbox";

    private const int MaxReason = 20;

    public string Name => VariationNames.Write(Variation);

    /// <summary>Why not, in plain words.</summary>
    public string Text =>
        Reason switch
        {
            UnknownToWorker => "the worker cannot vary builds",
            NoFaketime => "faketime is not installed",
            NoDisorderfs => "disorderfs is not installed",
            NoFuse => "FUSE cannot be used",
            NoTaskset => "taskset is not installed",
            OneProcessor => "the worker has one processor",
            NoSetarch => "setarch is not installed",
            NoSandbox => "the worker has no sandbox",
            _ => Reason,
        };

    public static bool IsReason(string text) =>
        text.Length is > 0 and <= MaxReason && text.All(static character => character is (>= 'a' and <= 'z') or '-');
}
