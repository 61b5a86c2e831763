using System.Globalization;
using Builder.Protocol.Values;

namespace Builder.Worker.Variation;

/// <summary>What is different around one job. Without variations all of it is what jobs always have.</summary>
internal sealed class VariedJob
{
    /// <summary>More than a day, and no whole number of hours: date, hour and minute change. Certificates stay valid.</summary>
    public static readonly TimeSpan ClockAhead = new(1, 1, 37, 0);

    private const string UsualDirectory = "/tmp/build";
    private const string OtherDirectory = "/tmp/another/place/for/the/build";

    private readonly VariationTools tools;

    private VariedJob(Variations made, VariationTools tools)
    {
        Made = made;
        this.tools = tools;
    }

    public static VariedJob None { get; } = new(Variations.None, new VariationTools());

    /// <param name="made">No more than <see cref="VariationTools.Report"/> says.</param>
    public static VariedJob Of(Variations made, VariationTools tools) => made == Variations.None ? None : new VariedJob(made, tools);

    public Variations Made { get; }

    /// <summary>The job's directory as a job in a sandbox sees it: the same in each build, so that paths do not tell builds apart.</summary>
    public string BuildDirectory => Has(Variations.Path) ? OtherDirectory : UsualDirectory;

    public string HostName => Has(Variations.Hostname) ? "elsewhere" : "builder";

    public string UserName => Has(Variations.User) ? "tester" : "builder";

    /// <summary>User and group number in a sandbox.</summary>
    public uint UserNumber => Has(Variations.User) ? 1234u : 1000u;

    public string Home => Has(Variations.User) ? "/tmp/home-of-tester" : "/tmp/home";

    public bool HasOtherFileOrder => Has(Variations.FileOrder);

    /// <summary>The environment with the variables that are varied.</summary>
    /// <param name="environment"><c>NAME=VALUE</c> each.</param>
    public IReadOnlyList<string> Vary(IReadOnlyList<string> environment)
    {
        var changed = new Dictionary<string, string>();
        if (Has(Variations.TimeZone))
            // In the form of POSIX, which needs no list of zones.
            changed["TZ"] = ValueOf(environment, "TZ") == "VARIED-14" ? "OTHER+12" : "VARIED-14";
        if (Has(Variations.Locale))
        {
            var usual = ValueOf(environment, "LC_ALL") ?? ValueOf(environment, "LANG") ?? "C";
            var other =
                tools.Locale is { } installed && installed != usual ? installed
                : usual == "C.UTF-8" ? "C"
                : "C.UTF-8";
            changed["LC_ALL"] = changed["LANG"] = other;
        }
        return changed.Count == 0
            ? environment
            :
            [
                .. environment.Where(variable => !changed.ContainsKey(variable.Split('=')[0])),
                .. changed.Select(static variable => $"{variable.Key}={variable.Value}"),
            ];
    }

    /// <summary>The interpreter of a script with the programs that vary things before it.</summary>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> interpreter)
    {
        List<string> command = [];
        if (Has(Variations.Kernel))
            command.AddRange(tools.Setarch!, "--uname-2.6");
        if (Has(Variations.Cpus))
            command.AddRange(tools.Taskset!, "--cpu-list", tools.Processor!.Value.ToString(CultureInfo.InvariantCulture));
        if (Has(Variations.Umask))
            command.AddRange("/bin/sh", "-c", "umask 0002; exec \"$@\"", "sh");
        if (Has(Variations.Time))
            command.AddRange(
                tools.Faketime!,
                "--exclude-monotonic",
                "-f",
                string.Create(CultureInfo.InvariantCulture, $"+{(long)ClockAhead.TotalSeconds}s")
            );
        command.AddRange(interpreter);
        return command;
    }

    /// <summary>Starts a sandbox where a directory is there a second time, with its files in another order.</summary>
    /// <param name="source">The directory.</param>
    /// <param name="ordered">An empty directory, where it is seen in the other order.</param>
    /// <remarks>In a mount namespace that ends with the job, so nothing is left to unmount.</remarks>
    public IReadOnlyList<string> OrderPrefix(string source, string ordered) =>
        [
            tools.Unshare!,
            "--user",
            "--map-root-user",
            "--mount",
            "--propagation",
            "private",
            "--",
            "/bin/sh",
            "-c",
            "disorderfs=$1; from=$2; to=$3; shift 3; "
                + "\"$disorderfs\" -q --sort-dirents=yes --reverse-dirents=yes \"$from\" \"$to\" </dev/null >/dev/null 2>&1 && exec \"$@\"",
            "sh",
            tools.Disorderfs!,
            source,
            ordered,
        ];

    private bool Has(Variations variation) => Made.HasFlag(variation);

    private static string? ValueOf(IReadOnlyList<string> environment, string name) =>
        environment.Select(static variable => variable.Split('=', 2)).FirstOrDefault(pair => pair[0] == name)?[^1];
}
