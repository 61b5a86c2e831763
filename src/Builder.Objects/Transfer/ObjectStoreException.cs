namespace Builder.Objects.Transfer;

/// <summary>The object store failed or refused; the message says which bucket, why, and how to fix it.</summary>
public sealed class ObjectStoreException(ObjectStoreFault fault, string store, string message, Exception? innerException = null)
    : IOException(message, innerException)
{
    public ObjectStoreFault Fault { get; } = fault;

    /// <summary>Bucket and endpoint.</summary>
    public string Store { get; } = store;
}
