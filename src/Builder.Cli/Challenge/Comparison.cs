namespace Builder.Cli.Challenge;

/// <summary>Builds of several sites from the same inputs on the same platform.</summary>
internal sealed record Comparison(string Job, string Platform, string InputId, IReadOnlyList<SiteBuild> Builds)
{
    /// <summary>Sites that show what they got.</summary>
    public int Sites => Builds.Where(static build => build.Digest is not null).Select(static build => build.Site).Distinct().Count();

    /// <summary>Null where fewer than two sites show anything.</summary>
    public bool? Agrees =>
        Sites < 2
            ? null
            : Builds.Where(static build => build.Digest is not null).Select(static build => build.Digest).Distinct().Count() == 1;
}
