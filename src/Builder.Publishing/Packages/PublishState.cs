namespace Builder.Publishing.Packages;

public enum PublishState
{
    /// <summary>It is in the repository now.</summary>
    Published,

    /// <summary>The same bytes already were.</summary>
    AlreadyPublished,

    /// <summary>A newer build of the package is in the repository.</summary>
    Superseded,

    /// <summary>It waits for a second build that agrees with it.</summary>
    Held,

    /// <summary>It is not fit to be published.</summary>
    Refused,

    /// <summary>The operator took these bytes out of the repository; they go out again only by hand.</summary>
    Withdrawn,
}
