namespace Builder.Server.Options;

/// <summary>State in PostgreSQL, which one of several servers has at a time.</summary>
public sealed record SharedStateOptions
{
    /// <summary>Of a database that this server's role may make tables in. May hold a password.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>What the other servers and operators are told of who serves. The host's name.</summary>
    public string Holder { get; init; } = Environment.MachineName;

    /// <summary>Without a renewal for so long, by the database's clock, another server takes over. 6 seconds.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How often the serving server renews. 1.5 seconds.</summary>
    public TimeSpan RenewInterval { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How often a standby looks. Half a second.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
