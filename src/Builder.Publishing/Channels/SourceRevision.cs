using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Publishing.Channels;

/// <summary>
/// The repository and the commit that a build says it was made from, in its artifact <c>source-revision</c>: two lines, such as <c>mirage/hello</c> and 40 or
/// 64 hexadecimal digits.
/// </summary>
public sealed record SourceRevision(string Repository, string Commit)
{
    public const string Path = "source-revision";

    private const int MaxSize = 1024;
    private const int Sha1Digits = 40;
    private const int Sha256Digits = 64;

    /// <returns>Null where the build left no such artifact, or not two such lines.</returns>
    public static async Task<SourceRevision?> FindAsync(
        BuilderDatabase database,
        IArtifactStore artifacts,
        BuildUuid build,
        CancellationToken cancellationToken
    )
    {
        Sha256Digest? digest;
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            digest = await session.QueryFirstAsync(
                """
                SELECT build_artifact.sha256
                FROM build_artifact
                JOIN build ON build.id = build_artifact.build
                WHERE build.uuid = @uuid AND build_artifact.filepath = @path AND build_artifact.size <= @max
                """,
                static row => (Sha256Digest?)row.Digest(0),
                cancellationToken,
                ("@uuid", build),
                ("@path", Path),
                ("@max", MaxSize)
            );
        }
        if (digest is not { } known || await artifacts.OpenAsync(known, cancellationToken) is not { } content)
            return null;
        await using (content)
        {
            using var reader = new StreamReader(content.Stream, Encoding.UTF8);
            return Parse(await reader.ReadToEndAsync(cancellationToken));
        }
    }

    internal static SourceRevision? Parse(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var repository, var commit]
        && commit.Length is Sha1Digits or Sha256Digits
        && commit.All(char.IsAsciiHexDigitLower)
            ? new SourceRevision(repository, commit)
            : null;
}
