using Builder.Storage.Accounts;

namespace Builder.Web.Accounts;

/// <summary>Accounts and sessions in words.</summary>
internal static class AccountText
{
    private const int MaxJobs = 10;

    /// <summary>By the names that browsers give themselves, the more precise first: each claims to be others as well.</summary>
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("FreeBSD", "FreeBSD"),
        ("Linux", "Linux"),
    ];

    public static string Of(User user)
    {
        var what = user.Role switch
        {
            AccountRole.Admin => "Admin: may do everything, and look after accounts",
            AccountRole.Operator => "Operator: may run, cancel and reschedule jobs",
            _ => "Uploader: may upload builds",
        };
        return !user.IsRestricted ? $"{what}."
            : user.Jobs.Count == 0 ? $"{what}. No jobs are on the access list."
            : $"{what}, of {string.Join(", ", user.Jobs.Take(MaxJobs))}{(user.Jobs.Count > MaxJobs ? $" and {user.Jobs.Count - MaxJobs} more" : "")}.";
    }

    /// <summary>"Firefox on Linux"; what a browser says of itself where that is none known.</summary>
    public static string Browser(string agent)
    {
        var browser = Find(Browsers, agent);
        var system = Find(Systems, agent);
        return browser is null ? (agent.Length == 0 ? "unknown" : agent[..Math.Min(agent.Length, 60)])
            : system is null ? browser
            : $"{browser} on {system}";
    }

    private static string? Find((string Mark, string Name)[] known, string agent) =>
        known.FirstOrDefault(entry => agent.Contains(entry.Mark, StringComparison.Ordinal)).Name;
}
