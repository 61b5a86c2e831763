using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>What the tables can contradict themselves in.</summary>
internal static class TableConsistency
{
    public static async IAsyncEnumerable<Finding> CheckAsync(
        BuilderDatabase database,
        bool repair,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var finding in await MainBinariesAsync(database, repair, cancellationToken))
            yield return finding;
        foreach (var finding in await BothThereAndRemovedAsync(database, repair, cancellationToken))
            yield return finding;
        if (database.Engine != DatabaseEngine.Sqlite)
            yield break;
        foreach (var finding in await CheckSqliteAsync(database, cancellationToken))
            yield return finding;
    }

    private static async Task<List<Finding>> CheckSqliteAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var damage = await session.QueryAsync("PRAGMA integrity_check", static row => row.Text(0), cancellationToken);
        var references = await session.QueryAsync(
            "PRAGMA foreign_key_check",
            static row => new Finding(
                FindingKind.Inconsistent,
                $"{row.Text(0)} {row.IntegerOrNull(1)}",
                $"refers to a row of {row.Text(2)} that is not there"
            ),
            cancellationToken
        );
        return
        [
            .. damage.Where(line => line != "ok").Select(line => new Finding(FindingKind.Inconsistent, "builder.sqlite3", line)),
            .. references,
        ];
    }

    private static Task<List<Finding>> MainBinariesAsync(BuilderDatabase database, bool repair, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                var wrong = await session.QueryAsync(
                    """
                    SELECT build.id, build.uuid
                    FROM build
                    LEFT JOIN build_artifact ON build_artifact.id = build.main_binary
                    WHERE build.main_binary IS NOT NULL
                        AND (build_artifact.id IS NULL OR build_artifact.sha256 <> build.main_sha256 OR build_artifact.build <> build.id)
                    ORDER BY build.id
                    """,
                    static row => (Id: row.BuildId(0), Uuid: row.Text(1)),
                    cancellationToken
                );
                var findings = new List<Finding>();
                foreach (var (id, uuid) in wrong)
                {
                    var finding = new Finding(
                        FindingKind.Inconsistent,
                        $"build {uuid}",
                        "its main binary is not one of its artifacts, or has another hash there"
                    );
                    if (repair)
                        finding = finding with
                        {
                            Repaired =
                                await CorrectHashAsync(session, id, cancellationToken)
                                ?? await SetMainBinaryAsync(session, id, cancellationToken),
                        };
                    findings.Add(finding);
                }
                return findings;
            },
            cancellationToken
        );

    /// <summary>Null where the main binary is none of the build's artifacts.</summary>
    private static async Task<string?> CorrectHashAsync(DatabaseSession session, BuildId build, CancellationToken cancellationToken)
    {
        var corrected = await session.ExecuteAsync(
            """
            UPDATE build
            SET main_sha256 = (SELECT sha256 FROM build_artifact WHERE build_artifact.id = build.main_binary)
            WHERE id = @id AND main_binary IN (SELECT id FROM build_artifact WHERE build = @id)
            """,
            cancellationToken,
            ("@id", build)
        );
        return corrected == 1 ? "the build says the artifact's hash now" : null;
    }

    /// <summary>By the rule for uploads: the artifact below <c>bin/</c>, where there is exactly one.</summary>
    private static async Task<string> SetMainBinaryAsync(DatabaseSession session, BuildId build, CancellationToken cancellationToken)
    {
        var artifacts = await session.QueryAsync(
            "SELECT id, sha256, filepath FROM build_artifact WHERE build = @build",
            static row => (Id: row.ArtifactId(0), Digest: row.Digest(1), Path: row.Text(2)),
            cancellationToken,
            ("@build", build)
        );
        var binaries = artifacts.Where(artifact => artifact.Path.StartsWith("bin/", StringComparison.Ordinal)).ToList();
        (ArtifactId Id, Sha256Digest Digest, string Path)? main = binaries is [var only] ? only : null;
        await session.ExecuteAsync(
            "UPDATE build SET main_binary = @artifact, main_sha256 = @digest WHERE id = @build",
            cancellationToken,
            ("@artifact", main?.Id),
            ("@digest", main?.Digest),
            ("@build", build)
        );
        return main is { } binary ? $"it is {binary.Path} now" : "it has none now, as not exactly one of its artifacts is in bin/";
    }

    private static Task<List<Finding>> BothThereAndRemovedAsync(
        BuilderDatabase database,
        bool repair,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            async session =>
            {
                const string both = "SELECT removed_build.id FROM removed_build JOIN build ON build.uuid = removed_build.uuid";
                var uuids = await session.QueryAsync(
                    $"SELECT uuid FROM removed_build WHERE id IN ({both}) ORDER BY id",
                    static row => row.Text(0),
                    cancellationToken
                );
                if (repair && uuids.Count > 0)
                {
                    await session.ExecuteAsync($"DELETE FROM removed_artifact WHERE removed_build IN ({both})", cancellationToken);
                    await session.ExecuteAsync($"DELETE FROM removed_build WHERE id IN ({both})", cancellationToken);
                }
                return uuids
                    .Select(uuid => new Finding(
                        FindingKind.Inconsistent,
                        $"build {uuid}",
                        "it is there, and remembered as removed as well",
                        repair ? "it is there now" : null
                    ))
                    .ToList();
            },
            cancellationToken
        );
}
