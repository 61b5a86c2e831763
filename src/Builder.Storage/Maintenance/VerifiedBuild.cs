using Builder.Analysis.Values;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>A build as the tables have it, with names that are known to be good.</summary>
internal sealed record VerifiedBuild(BuildId Id, JobName Job, BuildUuid Uuid, string Platform, string Console, string Script, ExecTail Tail)
{
    public string Folder => $"{Job.Value}/{Uuid}";

    public async Task<Dictionary<ByteString, (Sha256Digest Digest, long Size)>> ArtifactsAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    )
    {
        var rows = await session.QueryAsync(
            "SELECT filepath, sha256, size FROM build_artifact WHERE build = @build",
            static row => (Path: row.Bytes(0), Content: (row.Digest(1), row.Integer(2))),
            cancellationToken,
            ("@build", Id)
        );
        return rows.ToDictionary(row => row.Path, row => row.Content);
    }
}
