using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Statements;

/// <summary>What build servers signed of the builds that they uploaded.</summary>
public static class RecordRows
{
    /// <summary>The envelope; null where the build came without one.</summary>
    public static Task<byte[]?> FindAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            "SELECT envelope FROM build_record WHERE build_uuid = @uuid",
            static row => row.Blob(0),
            cancellationToken,
            ("@uuid", build)
        );

    internal static Task InsertAsync(
        DatabaseSession session,
        BuildUuid build,
        ReadOnlyMemory<byte> envelope,
        CancellationToken cancellationToken
    ) =>
        session.ExecuteAsync(
            """
            INSERT INTO build_record (build_uuid, envelope)
            VALUES (@uuid, @envelope)
            ON CONFLICT (build_uuid) DO UPDATE SET envelope = excluded.envelope
            """,
            cancellationToken,
            ("@uuid", build),
            ("@envelope", envelope.ToArray())
        );
}
