namespace Builder.Objects.Transfer;

/// <summary>How patient a client is.</summary>
public sealed record ObjectClientOptions
{
    /// <summary>How long a connection may take to open.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may arrive or leave before an attempt is given up.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a request is sent at most.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Before the second attempt; doubled each time, with up to half of it more by chance.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A file larger than this is sent in parts of this size, in bytes; from 5 MiB on.</summary>
    public long PartSize { get; init; } = 16 << 20;

    /// <summary>How many parts of one file are under way at once.</summary>
    public int PartsAtOnce { get; init; } = 3;
}
