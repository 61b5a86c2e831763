namespace Builder.Cli.Originals;

/// <summary>
/// The seven programs of the original system (builder 48521c3, builder-web fcea7ee) and their options. What an option does is ours to say;
/// this list says which names, and which beginnings of names, an operator's scripts may hold.
/// </summary>
internal static class OriginalPrograms
{
    public const string Help = "help";

    /// <summary>What every program of that family takes: help, and how much is logged.</summary>
    private const string Log = "--help=auto|pager|groff|plain -q,--quiet -v,--verbose --verbosity=quiet|error|warning|info|debug";

    private const string Prefix = "builder-";
    private const string Color = " --color=auto|always|never";
    private const string Remote = "-r,--remote";
    private const string Period = " --period=hourly|daily|weekly|never";
    private const string Data = "-d,--datadir";
    private const string Scrypt = " --scrypt-n --scrypt-p --scrypt-r --unrestricted";

    /// <summary>The steps between schema versions, and repairs of a time before them: <c>migrate-DATE</c> and <c>rollback-DATE</c> of each, <c>fixup-DATE</c>.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        "2021-01-26",
        "2021-02-02",
        "2021-02-16",
        "2021-02-18",
        "2021-04-27",
        "2021-05-31",
        "2021-06-02",
        "2021-06-08",
        "2021-06-09",
        "2021-06-25",
        "2021-06-29",
        "2021-06-30",
        "2021-07-01",
        "2021-07-06",
        "2021-07-12a",
        "2021-07-12c",
        "2021-11-05",
        "2022-05-09",
        "2023-09-11",
        "2023-09-14",
    ];

    public static IReadOnlyList<string> Fixups { get; } =
    ["2021-03-08", "2021-07-07a", "2021-07-07b", "2021-07-07c", "2021-07-07d", "2021-07-12b", "2021-09-10"];

    public static IReadOnlyList<OriginalProgram> All { get; } =
    [
        Program("builder-server", Log + Color + " --version", ("", "--config-dir --dir --ip --port --upload")),
        Program("builder-worker", Log + Color + " --version", ("", Remote)),
        Program(
            "builder-client",
            Log + Color + " --version",
            ("", ""),
            ("drop-platform", Remote),
            ("execute", Remote + " --platform"),
            ("info", Remote),
            ("observe", Remote),
            ("observe-latest", Remote + " --job --platform"),
            ("orb-build", Remote + Period),
            ("reschedule", Remote + Period),
            ("schedule", Remote + Period),
            ("undrop-platform", Remote),
            ("unschedule", Remote)
        ),
        Program("builder-inspect", Log + Color + " --version", ("", "--console --job --output --script")),
        Program("builder-web", Log + Color, ("", "-l,--logging-levels -c,--configdir -d,--datadir --expired-jobs -h,--host -p,--port")),
        Program(
            "builder-db",
            Log,
            ("", ""),
            ("access-add", Data),
            ("access-remove", Data),
            ("extract-build", Data + " --dest"),
            ("job-remove", Data),
            ("migrate", Data),
            ("user-add", Data + Scrypt),
            ("user-disable", Data),
            ("user-list", Data),
            ("user-remove", Data),
            ("user-update", Data + Scrypt),
            ("vacuum", ""),
            ("vacuum older-than", Data + " --job --platform"),
            ("vacuum except-latest", Data + " --job --platform"),
            ("vacuum except-latest-successful", Data + " --job --platform"),
            ("verify-cache-dir", Data + " --cachedir"),
            ("verify-data-dir", Data),
            ("verify-input-id", Data)
        ),
        Program(
            "builder-migrations",
            Log,
            [
                ("", ""),
                .. Steps.Select(step => ($"migrate-{step}", Data)),
                .. Steps.Select(step => ($"rollback-{step}", Data)),
                .. Fixups.Select(step => ($"fixup-{step}", Data)),
            ]
        ),
    ];

    /// <summary>The recorder of opam builds, which the original's jobs run; its options are those of our command.</summary>
    public static OriginalProgram Orb { get; } =
        Program("orb", "", ("", ""), ("build", ""), ("rebuild", "")) with
        {
            KeepsExitCodes = true,
        };

    /// <summary>Under all of these names this program can be called.</summary>
    public static IReadOnlyList<OriginalProgram> Called { get; } = [.. All, Orb];

    public static OriginalProgram? Find(string? name) => Called.FirstOrDefault(program => program.Name == name);

    private static OriginalProgram Program(string name, string options, params IEnumerable<(string Name, string Options)> commands) =>
        new(
            name,
            name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name,
            Read(options),
            commands.ToDictionary(command => command.Name, command => Read(command.Options))
        );

    /// <param name="options">Separated by blanks: <c>-p,--port</c>, or <c>--color=auto|always</c> with the words that it takes.</param>
    private static IReadOnlyList<OriginalOption> Read(string options) =>
        [
            .. options
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static text =>
                {
                    var parts = text.Split('=');
                    var names = parts[0].Split(',');
                    return new OriginalOption(names, names[^1], parts.Length > 1 ? parts[1].Split('|') : []);
                }),
        ];
}
