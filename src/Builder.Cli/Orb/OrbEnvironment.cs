using System.Globalization;
using System.Text;
using Builder.Cli.Errors;

namespace Builder.Cli.Orb;

/// <summary>The environment of an opam build: nothing of the caller's but HOME and the system's part of PATH, so that it can be had again.</summary>
internal sealed record OrbEnvironment
{
    /// <summary>Written into <c>build-environment</c> behind the variables; no variable of the build.</summary>
    private static readonly string[] Facts = ["OS", "OS_DISTRIBUTION", "OS_VERSION", "OS_FAMILY", "ARCH", "ORB_DATA", SwitchPath];

    private const string SwitchPath = "SWITCH_PATH";
    private const string Prefix = "PREFIX";
    private const string Date = "SOURCE_DATE_EPOCH";

    /// <summary>Of PATH, sorted.</summary>
    private static readonly string[] SystemPath = ["/bin", "/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin"];

    private OrbEnvironment(SortedDictionary<string, string> variables, string switchName)
    {
        Variables = variables;
        SwitchName = switchName;
    }

    /// <summary>As the package's commands get them, by name.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    public string SwitchName { get; }

    /// <summary>The directory of the switch.</summary>
    public string SwitchDirectory => Variables[Prefix];

    /// <summary>The directory of the opam root that has it.</summary>
    public string Root => Path.GetDirectoryName(SwitchDirectory)!;

    /// <param name="caller">This process' own variables.</param>
    /// <exception cref="CommandException">There is no home.</exception>
    public static OrbEnvironment Create(OrbOptions options, Func<string, string?> caller, TimeProvider clock)
    {
        var home =
            caller("HOME") is { Length: > 0 } known && Path.IsPathRooted(known)
                ? known
                : throw new CommandException("HOME is not set to an absolute path; set it, opam needs one", ExitCode.Trouble);
        var isPath = Path.IsPathRooted(options.SwitchName);
        var prefix = isPath
            ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.SwitchName))
            : Path.Combine(home, ".cache", "builder", "opam", options.SwitchName);
        var root = Path.GetDirectoryName(prefix) ?? throw new CommandException($"--switch-name {prefix} has no directory above it");
        var path = (caller("PATH") ?? "").Split(':');
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = home,
            ["PATH"] = string.Join(':', SystemPath.Where(path.Contains)),
            [Date] = (options.Date ?? clock.GetUtcNow().ToUnixTimeSeconds()).ToString(CultureInfo.InvariantCulture),
            ["OPAMERRLOGLEN"] = "0",
            ["ORB_BUILDING_PACKAGE"] = options.Package.Name,
            [Prefix] = prefix,
        };
        if (options.SolverTimeout is { } timeout)
            variables["OPAMSOLVERTIMEOUT"] = timeout.ToString(CultureInfo.InvariantCulture);
        if (isPath)
            variables["OPAMROOT"] = root;
        return new OrbEnvironment(variables, Path.GetFileName(prefix));
    }

    /// <summary>Reads the artifact <c>build-environment</c>.</summary>
    /// <exception cref="CommandException">It is none of an opam build; the message says what is missing.</exception>
    public static OrbEnvironment Read(ReadOnlySpan<byte> text, string name)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
                throw new CommandException($"{name}: \"{line}\" is not KEY=VALUE", ExitCode.Trouble);
            variables[line[..sign]] = line[(sign + 1)..];
        }
        foreach (var needed in (string[])[SwitchPath, Prefix, "HOME", "PATH", Date])
        {
            if (!variables.ContainsKey(needed))
                throw new CommandException($"{name} has no {needed}: it is not the environment of an opam build", ExitCode.Trouble);
        }
        var prefix = Path.TrimEndingDirectorySeparator(variables[Prefix]);
        if (!Path.IsPathRooted(prefix) || prefix != Path.GetFullPath(prefix) || Path.GetDirectoryName(prefix) is null or "/")
            throw new CommandException($"{name}: PREFIX={prefix} is not the directory of a switch", ExitCode.Trouble);
        foreach (var fact in Facts)
            variables.Remove(fact);
        variables[Prefix] = prefix;
        return new OrbEnvironment(variables, Path.GetFileName(prefix));
    }

    /// <summary>The same, with the date of a build that is repeated.</summary>
    public OrbEnvironment WithDateOf(OrbEnvironment recorded) =>
        new(
            new SortedDictionary<string, string>(Variables.ToDictionary(), StringComparer.Ordinal) { [Date] = recorded.Variables[Date] },
            SwitchName
        );

    /// <summary>The artifact <c>build-environment</c>: a line each.</summary>
    /// <param name="facts">What opam says of this machine.</param>
    public byte[] Write(IEnumerable<KeyValuePair<string, string>> facts)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Variables.Concat(facts).Append(new("ORB_DATA", "2")).Append(new(SwitchPath, SwitchName)))
            text.Append(name).Append('=').Append(value).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
