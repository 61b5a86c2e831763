using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Web.Builds;

/// <summary>Finds builds by what identifies them, whatever their job.</summary>
internal static class BuildLookup
{
    /// <summary>Any build's artifact with this content.</summary>
    public static Task<FoundFile?> FileByHashAsync(DatabaseSession session, Sha256Digest hash, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT job.name, build.uuid, build_artifact.filepath FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN job ON job.id = build.job
            WHERE build_artifact.sha256 = @hash
            LIMIT 1
            """,
            static row => new FoundFile(row.Text(0), row.Uuid(1), row.Bytes(2)),
            cancellationToken,
            ("@hash", hash)
        );

    public static Task<FoundBuild?> ByUuidAsync(DatabaseSession session, BuildUuid uuid, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT job.name, build.uuid FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid = @uuid
            """,
            static row => new FoundBuild(row.Text(0), row.Uuid(1)),
            cancellationToken,
            ("@uuid", uuid)
        );
}

public sealed record FoundBuild(string Job, BuildUuid Uuid);

public sealed record FoundFile(string Job, BuildUuid Uuid, ByteString Path);
