using Builder.Protocol.Values;

namespace Builder.Storage.Ingestion;

/// <summary>What became of an upload.</summary>
public abstract record UploadResult
{
    private UploadResult() { }

    /// <summary>The build is in the database and on disk, durable.</summary>
    public sealed record Stored(JobName Job, BuildUuid Uuid, Platform Platform) : UploadResult;

    /// <summary>A build of this uuid was there before; nothing was changed.</summary>
    public sealed record AlreadyExists(JobName Job, BuildUuid Uuid) : UploadResult;

    /// <summary>The user may not upload builds of this job.</summary>
    public sealed record Forbidden(JobName Job) : UploadResult;

    /// <summary>Not a build, or one that cannot be kept; the reason is for the uploader.</summary>
    public sealed record Malformed(string Reason) : UploadResult;
}
