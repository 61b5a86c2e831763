namespace Builder.Publishing.Options;

/// <summary>When a package goes out.</summary>
public enum PublishGate
{
    /// <summary>As soon as it was built.</summary>
    Built,

    /// <summary>When two builds with one input id have the same main binary.</summary>
    Reproduced,
}
