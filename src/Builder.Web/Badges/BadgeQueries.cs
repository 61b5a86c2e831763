using Builder.Analysis.Advisories;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Web.Badges;

internal static class BadgeQueries
{
    /// <summary>The version of the package that the build was for: the root of its opam switch, of several the one with the job's name. Null where it names none.</summary>
    public static async Task<string?> VersionAsync(
        DatabaseSession session,
        BuildUuid build,
        string job,
        CancellationToken cancellationToken
    )
    {
        var roots = await session.QueryAsync(
            $"""
            SELECT package.name, package.version
            FROM build
            JOIN build_artifact ON build_artifact.build = build.id AND build_artifact.filepath = 'opam-switch'
            JOIN package_set ON package_set.sha256 = build_artifact.sha256
            JOIN package_member ON package_member.package_set = package_set.id AND package_member.way = {(int)PackageWay.Root}
            JOIN package ON package.id = package_member.package
            WHERE build.uuid = @uuid
            LIMIT 64
            """,
            static row => (Name: row.Text(0), Version: row.Text(1)),
            cancellationToken,
            ("@uuid", build)
        );
        var version = roots.Find(root => root.Name == job).Version ?? (roots.Count == 1 ? roots[0].Version : null);
        return string.IsNullOrEmpty(version) ? null : version;
    }
}
