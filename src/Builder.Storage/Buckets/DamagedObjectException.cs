namespace Builder.Storage.Buckets;

/// <summary>A file of a build in the bucket is not what was stored.</summary>
public sealed class DamagedObjectException(string key, string reason)
    : IOException($"\"{key}\" in the bucket is damaged: {reason}; \"builder db verify-data-dir\" lists all problems");
