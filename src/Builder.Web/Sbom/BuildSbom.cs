using Builder.Proof.Sbom;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Options;

namespace Builder.Web.Sbom;

/// <summary>Makes SBOMs of stored builds.</summary>
internal sealed class BuildSbom(IArtifactStore store, WebOptions options)
{
    /// <summary>Null where the build has no main binary.</summary>
    public async Task<SbomDocument?> ReadAsync(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts, CancellationToken stop)
    {
        if (build.Main is not { } main)
            return null;
        var reader = new SbomReader(async (hash, token) => (await store.OpenAsync(hash, token))?.Stream);
        var known = new SbomBuild
        {
            Job = build.Job,
            Uuid = Guid.Parse(build.Uuid.ToString()),
            Platform = build.Platform,
            Started = Moment(build.Started),
            Finished = Moment(build.Finished),
            Main = new SbomFile(main.Path.ToString(), main.Hash, main.Size),
            // As the operator says it, not as the visitor's request does: the bytes are the same for everybody.
            Page = options.PublicUrl is { } site ? new Uri(SiteOrigin.Of(site) + Href.Build(build.Job, build.Uuid)) : null,
        };
        var read = await reader.ReadAsync(
            known,
            [.. artifacts.Select(artifact => new SbomArtifact(artifact.Path.ToString(), artifact.Hash, artifact.Size))],
            stop
        );
        return SbomDocument.Of(read);
    }

    /// <summary>Null for the years that .NET does not have.</summary>
    private static DateTimeOffset? Moment(Timestamp time) =>
        time.Ticks >= -DateTimeOffset.UnixEpoch.Ticks && time.Ticks <= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks
            ? time.ToDateTimeOffset()
            : null;
}
