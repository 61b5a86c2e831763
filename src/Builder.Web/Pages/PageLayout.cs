using Builder.Web.Html;

namespace Builder.Web.Pages;

/// <summary>The entries of the bar on top.</summary>
public enum NavigationEntry
{
    None,
    Jobs,
    Activity,
    Failures,
    Packages,
    Api,
}

/// <summary>What a page tells the frame around it.</summary>
/// <param name="Title">Without the site's name.</param>
public sealed record PageLayout(SiteInfo Site, string Title, NavigationEntry Entry, PageClock Moment)
{
    public string? Search { get; init; }

    /// <summary>A page that changes: without script it is fetched again after so many seconds.</summary>
    public int? RefreshSeconds { get; init; }

    /// <summary>A script of its own beside the common one.</summary>
    public string? Script { get; init; }

    /// <summary>With script the page follows what changes at the site.</summary>
    public bool IsLive { get; init; }

    public bool NoIndex { get; init; }

    /// <summary>One sentence about the page, for who pastes a link to it.</summary>
    public string? Description { get; init; }

    /// <summary>A feed of what the page shows, path-absolute; beside the site's own.</summary>
    public string? Feed { get; init; }

    /// <summary>Who signed in; null for everybody else.</summary>
    public Visitor? Visitor { get; init; }

    /// <summary>What came of what the visitor just did.</summary>
    public string? Notice { get; init; }
}

/// <summary>The operator's own words, and what the site can do.</summary>
/// <param name="HasActivity">A build server is known.</param>
public sealed record SiteInfo(string Title, string? Contact, bool HasActivity)
{
    /// <summary>Scheme and host for commands, where the operator says how the site is reached; else with a placeholder.</summary>
    public string Address { get; init; } = "http://HOST:PORT";

    /// <summary>A repository for apt is set up.</summary>
    public bool HasApt { get; init; }

    /// <summary>A repository for FreeBSD's pkg is set up.</summary>
    public bool HasPkg { get; init; }

    /// <summary>Where packages are; null where none are published.</summary>
    public string? Packages =>
        HasApt ? Href.Apt
        : HasPkg ? Href.Pkg
        : null;
}
