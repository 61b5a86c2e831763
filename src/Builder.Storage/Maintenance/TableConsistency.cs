using System.Runtime.CompilerServices;
using Builder.Storage.Database;

namespace Builder.Storage.Maintenance;

/// <summary>What the tables can contradict themselves in.</summary>
internal static class TableConsistency
{
    public static async IAsyncEnumerable<Finding> CheckAsync(BuilderDatabase database, bool repair, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (database.Engine == DatabaseEngine.Sqlite)
        {
            foreach (var finding in await CheckSqliteAsync(database, cancellationToken))
                yield return finding;
        }
        foreach (var finding in await MainBinariesAsync(database, repair, cancellationToken))
            yield return finding;
    }

    private static async Task<List<Finding>> CheckSqliteAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var damage = await session.QueryAsync("PRAGMA integrity_check", static row => row.Text(0), cancellationToken);
        var references = await session.QueryAsync(
            "PRAGMA foreign_key_check",
            static row => new Finding(FindingKind.Inconsistent, $"{row.Text(0)} {row.IntegerOrNull(1)}", $"refers to a row of {row.Text(2)} that is not there"),
            cancellationToken);
        return [.. damage.Where(line => line != "ok").Select(line => new Finding(FindingKind.Inconsistent, "builder.sqlite3", line)), .. references];
    }

    private static Task<List<Finding>> MainBinariesAsync(BuilderDatabase database, bool repair, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var wrong = await session.QueryAsync(
                """
                SELECT build.id, build.uuid
                FROM build
                JOIN build_artifact ON build_artifact.id = build.main_binary
                WHERE build_artifact.sha256 <> build.main_sha256 OR build_artifact.build <> build.id
                """,
                static row => (Id: row.BuildId(0), Uuid: row.Text(1)),
                cancellationToken);
            var findings = new List<Finding>();
            foreach (var (id, uuid) in wrong)
            {
                var finding = new Finding(FindingKind.Inconsistent, $"build {uuid}", "its main binary is not one of its artifacts, or has another hash there");
                var isRepaired = repair && await session.ExecuteAsync(
                    """
                    UPDATE build
                    SET main_sha256 = (SELECT sha256 FROM build_artifact WHERE build_artifact.id = build.main_binary)
                    WHERE id = @id AND main_binary IN (SELECT id FROM build_artifact WHERE build = @id)
                    """,
                    cancellationToken,
                    ("@id", id)) == 1;
                findings.Add(isRepaired ? finding with { Repaired = "the build says the artifact's hash now" } : finding);
            }
            return findings;
        },
        cancellationToken);
}
