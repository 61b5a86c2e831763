using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Objects.Transfer;

namespace Builder.Storage.Files;

/// <summary>A bucket that holds what else would be files of the data directory.</summary>
public sealed record ObjectStoreSettings(BucketAddress Address, IAccessKeys Keys)
{
    /// <summary>An upload that meets a store without an answer is refused within a minute.</summary>
    public ObjectClientOptions Client { get; init; } = new() { IdleTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>How much of the data directory local copies may take, in bytes. Those in use do not count.</summary>
    public long MaxCopies { get; init; } = 4L << 30;
}
