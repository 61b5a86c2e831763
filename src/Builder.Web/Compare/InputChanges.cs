using System.Security.Cryptography;
using Builder.Analysis.Comparison;
using Builder.Storage.Files;
using Builder.Web.Builds;
using Builder.Web.Pages;

namespace Builder.Web.Compare;

/// <summary>What changed between the inputs of two builds, on one list.</summary>
internal sealed class InputChanges(CompareInputs compare, IBuildFiles files) : IInputChanges
{
    private const int MaxShown = 30;

    private static readonly string[] Recorded = ["opam-switch", "build-environment", "system-packages"];

    public async Task<InputDifference> FindAsync(PageContext page, BuildFacts good, BuildFacts bad)
    {
        var goodFiles = await BuildQueries.ArtifactsAsync(page.Session, good.Id, page.Stop);
        var badFiles = await BuildQueries.ArtifactsAsync(page.Session, bad.Id, page.Stop);
        // A build that failed early recorded nothing: that is no change of its inputs.
        var missing = Recorded.Where(name => Has(goodFiles, name) && !Has(badFiles, name)).ToList();
        goodFiles.RemoveAll(file => missing.Contains(file.Path.ToString()));
        var inputs = await compare.RunAsync(goodFiles, badFiles, root: null, page.Stop);
        List<InputChange> changes =
        [
            .. await IsOtherScriptAsync(good, bad, page.Stop)
                ? [new InputChange("script", "script", null, null)]
                : Array.Empty<InputChange>(),
            .. Of("opam package", inputs.Opam.OnlyLeft, inputs.Opam.OnlyRight, inputs.Opam.OtherVersion),
            .. inputs
                .Opam.Changed.Where(static change => !change.EffectivelyEqual)
                .Select(static change => new InputChange("opam file", change.Name, null, null)),
            .. Of("system package", inputs.SystemPackages.OnlyLeft, inputs.SystemPackages.OnlyRight, inputs.SystemPackages.Changed),
            .. Of("environment", inputs.Environment.OnlyLeft, inputs.Environment.OnlyRight, inputs.Environment.Changed),
        ];
        return new InputDifference([.. changes.Take(MaxShown)], Math.Max(0, changes.Count - MaxShown), missing);
    }

    private static bool Has(List<ArtifactFacts> files, string name) => files.Exists(file => file.Path.ToString() == name);

    private static IEnumerable<InputChange> Of(
        string kind,
        IEnumerable<NamedVersion> gone,
        IEnumerable<NamedVersion> added,
        IEnumerable<VersionChange> changed
    ) =>
        changed
            .Select(change => new InputChange(kind, change.Name, change.Left, change.Right))
            .Concat(added.Select(one => new InputChange(kind, one.Name, null, one.Version)))
            .Concat(gone.Select(one => new InputChange(kind, one.Name, one.Version, null)));

    private async Task<bool> IsOtherScriptAsync(BuildFacts good, BuildFacts bad, CancellationToken cancellationToken) =>
        await HashAsync(good, cancellationToken) is { } before
        && await HashAsync(bad, cancellationToken) is { } after
        && !before.AsSpan().SequenceEqual(after);

    /// <summary>Null where the script is gone.</summary>
    private async Task<byte[]?> HashAsync(BuildFacts build, CancellationToken cancellationToken)
    {
        if (await files.OpenAsync(build.ScriptPath, cancellationToken) is not { } script)
            return null;
        await using (script)
            return await SHA256.HashDataAsync(script, cancellationToken);
    }
}
