using System.Buffers;
using System.Text;
using Builder.Analysis.Opam;
using Builder.Cli.Errors;
using Builder.Cli.Programs;

namespace Builder.Cli.Orb;

/// <summary>An opam switch that exists for one build, in a root that nobody works in meanwhile. All of it is done by the opam program.</summary>
internal sealed class OpamSwitch(OrbEnvironment environment)
{
    /// <summary>How opam itself is to behave; the commands of packages do not depend on it, so it is not recorded.</summary>
    private static readonly (string Name, string Value)[] Control =
    [
        ("OPAMYES", "1"),
        ("OPAMCOLOR", "never"),
        ("OPAMROOTISOK", "1"),
        ("OPAMNOSELFUPGRADE", "1"),
        // Hashes instead of sizes and times.
        ("OPAMPRECISETRACKING", "1"),
    ];

    private static readonly (string Name, string Variable)[] Variables =
    [
        ("OS", "os"),
        ("OS_DISTRIBUTION", "os-distribution"),
        ("OS_VERSION", "os-version"),
        ("OS_FAMILY", "os-family"),
        ("ARCH", "arch"),
    ];

    private readonly string opam =
        ProgramRun.Find("opam")
        ?? throw new CommandException("opam is not in PATH; install it (Debian: apt-get install opam)", ExitCode.Trouble);

    public OrbEnvironment Environment => environment;

    /// <summary>Below the switch.</summary>
    public string PathOf(string relative) => Path.Combine(environment.SwitchDirectory, relative);

    /// <summary>The root's own settings.</summary>
    public string ConfigFile => Path.Combine(environment.Root, "config");

    public bool HasRoot => File.Exists(ConfigFile);

    /// <summary>Makes the root where there is none, and in it the switch, empty.</summary>
    /// <exception cref="CommandException">There is such a switch, or opam failed.</exception>
    public async Task CreateAsync(
        IReadOnlyList<OpamRepository> repositories,
        bool disableSandboxing,
        Uri? cache,
        CancellationToken cancellationToken
    )
    {
        if (Path.Exists(environment.SwitchDirectory))
            throw new CommandException(
                $"{environment.SwitchDirectory} exists: remove it, or choose another switch with --switch-name",
                ExitCode.Trouble
            );
        var added = repositories;
        if (!HasRoot)
        {
            Directory.CreateDirectory(environment.Root);
            var first = repositories[0];
            await RunAsync(
                [
                    "init",
                    "--bare",
                    "--no-setup",
                    "--bypass-checks",
                    .. disableSandboxing ? ["--disable-sandboxing"] : (string[])[],
                    first.Name,
                    first.Url,
                ],
                cancellationToken
            );
            added = [.. repositories.Skip(1)];
        }
        foreach (var repository in added)
            await RunAsync(["repository", "add", "--dont-select", repository.Name, repository.Url], cancellationToken);
        if (cache is not null)
            await SetAsync(
                new OpamItem.Field("archive-mirrors", new OpamValue.Text(OpamText.FromUtf8(cache.ToString()))),
                cancellationToken
            );
        await RunAsync(
            [
                "switch",
                "create",
                environment.SwitchName,
                "--empty",
                "--no-switch",
                $"--repositories={string.Join(',', repositories.Select(static repository => repository.Name))}",
            ],
            cancellationToken
        );
    }

    /// <summary>Sets a field of the root's configuration, or takes it away.</summary>
    /// <param name="field">With <c>[]</c> as its value it is taken away.</param>
    public async Task SetAsync(OpamItem.Field field, CancellationToken cancellationToken)
    {
        var config = OpamFile.Parse(await File.ReadAllBytesAsync(ConfigFile, cancellationToken), ConfigFile);
        var items = field.Value is OpamValue.List { Values: [] }
            ? config.Items.RemoveAll(item => item is OpamItem.Field other && other.Name == field.Name)
            : MirageFields.With(config.Items, field);
        var output = new ArrayBufferWriter<byte>(4096);
        OpamPrinter.Print(items.AsSpan(), output);
        output.Write("\n"u8);
        await File.WriteAllBytesAsync(ConfigFile, output.WrittenMemory, cancellationToken);
    }

    /// <summary>Runs an opam command on the switch; what it prints goes to this process' outputs.</summary>
    /// <exception cref="CommandException">It failed.</exception>
    public Task RunOnSwitchAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync([.. arguments, "--switch", environment.SwitchName], cancellationToken);

    /// <summary>Runs an opam command on the switch for what it prints.</summary>
    public Task<byte[]> CaptureAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        ProgramRun.CaptureAsync(Start([.. arguments, "--switch", environment.SwitchName]), cancellationToken);

    /// <summary>Runs a command of a package in a directory, with the programs of the switch first in PATH.</summary>
    /// <exception cref="CommandException">It failed.</exception>
    public async Task RunCommandAsync(IReadOnlyList<string> command, string directory, CancellationToken cancellationToken)
    {
        var variables = ControlledVariables();
        variables["PATH"] = $"{PathOf("bin")}:{environment.Variables["PATH"]}";
        variables["OPAMSWITCH"] = environment.SwitchName;
        var program = command[0].Contains('/', StringComparison.Ordinal)
            ? Path.Combine(directory, command[0])
            : variables["PATH"].Split(':').Select(one => Path.Combine(one, command[0])).FirstOrDefault(File.Exists)
                ?? throw new CommandException($"there is no program {command[0]} in the switch or in PATH");
        var start = new ProgramStart(program, [.. command.Skip(1)]) { Environment = variables, Directory = directory };
        if (await ProgramRun.RunAsync(start, cancellationToken) is not 0 and var code)
            throw new CommandException($"{ProgramRun.Shown(start)} failed (exit code {code})");
    }

    /// <summary><c>opam switch export --full --freeze</c>.</summary>
    public async Task<byte[]> ExportAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(environment.Root, $"export-{Guid.NewGuid():N}");
        try
        {
            await ProgramRun.CaptureAsync(
                Start(["switch", "export", "--full", "--freeze", file, "--switch", environment.SwitchName]),
                cancellationToken
            );
            return await File.ReadAllBytesAsync(file, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>What opam says of this machine, by the names in <c>build-environment</c>.</summary>
    public async Task<IReadOnlyList<KeyValuePair<string, string>>> FactsAsync(CancellationToken cancellationToken)
    {
        var facts = new List<KeyValuePair<string, string>>();
        foreach (var (name, variable) in Variables)
        {
            var value = await ProgramRun.CaptureAsync(Start(["var", variable, "--global"]), cancellationToken);
            facts.Add(new(name, Encoding.UTF8.GetString(value).Trim()));
        }
        return facts;
    }

    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (HasRoot && Directory.Exists(environment.SwitchDirectory))
            await ProgramRun.CaptureAsync(Start(["switch", "remove", environment.SwitchName]), cancellationToken);
    }

    private async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = Start(arguments);
        if (await ProgramRun.RunAsync(start, cancellationToken) is not 0 and var code)
            throw new CommandException($"{ProgramRun.Shown(start)} failed (exit code {code})");
    }

    private ProgramStart Start(IReadOnlyList<string> arguments) => new(opam, arguments) { Environment = ControlledVariables() };

    private Dictionary<string, string> ControlledVariables()
    {
        var variables = environment.Variables.ToDictionary();
        foreach (var (name, value) in Control)
            variables[name] = value;
        variables["OPAMROOT"] = environment.Root;
        return variables;
    }
}
