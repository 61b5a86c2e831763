namespace Builder.Protocol.Values;

/// <summary>How often a schedule item comes up.</summary>
public enum Period
{
    Hourly,
    Daily,
    Weekly,

    /// <summary>Only when asked for.</summary>
    Never,
}
