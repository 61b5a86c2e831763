namespace Builder.Cli.Manual;

/// <summary>Examples of the manual pages, by command. A test reads each with the command tree.</summary>
internal static class ManualExamples
{
    private static readonly Dictionary<string, (string Purpose, string Line)[]> All = new(StringComparer.Ordinal)
    {
        ["builder"] =
        [
            ("Run server, site and workers on this machine, with sample jobs:", "builder up --samples"),
            ("Show how a command is used:", "builder help client schedule"),
        ],
        ["builder client"] =
        [
            ("Schedule a script for every day:", "builder client schedule hello debian-12 hello.sh --period daily"),
            ("See what runs and what waits:", "builder client info -r builds.example.org:1234"),
        ],
        ["builder client info"] = [("For programs:", "builder client info --json")],
        ["builder client schedule"] = [("A script, once a week:", "builder client schedule hello debian-12 hello.sh --period weekly")],
        ["builder db"] = [("Create the database, then a user who uploads:", "builder db migrate\nbuilder db user-add farm")],
        ["builder server"] =
        [
            (
                "Upload finished builds to a site:",
                "builder server --upload https://builds.example.org/ --upload-user farm --upload-password-file /etc/builder/upload-password"
            ),
        ],
        ["builder up"] = [("With sample jobs and a package repository:", "builder up --samples --publish")],
        ["builder web"] = [("Serve the builds of a directory:", "builder web --datadir /var/lib/builder-web --port 3000")],
        ["builder worker"] =
        [
            (
                "Run jobs for debian-12 in a sandbox:",
                "builder worker debian-12 --loop --sandbox bubblewrap --network outbound -r builds.example.org:1234"
            ),
            ("See which isolation jobs get on this machine:", "builder worker --check"),
        ],
    };

    public static IReadOnlyCollection<string> Commands => All.Keys;

    /// <param name="words">The command: <c>builder client schedule</c>.</param>
    public static IReadOnlyList<(string Purpose, string Line)> Of(string words) => All.GetValueOrDefault(words) ?? [];
}
