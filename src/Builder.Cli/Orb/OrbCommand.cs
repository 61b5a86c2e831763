using System.CommandLine;
using Builder.Analysis.Opam;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;

namespace Builder.Cli.Orb;

/// <summary><c>builder orb</c>: builds opam packages and records what they are built from, with the opam program.</summary>
internal static class OrbCommand
{
    public static Command Create() =>
        new("orb", "Build opam packages, record what they are built from, and build them again. Needs opam 2.1 or later.")
        {
            CreateBuild(),
            CreateRebuild(),
        };

    private static Command CreateBuild()
    {
        var package = new Argument<OrbPackage>("PACKAGE")
        {
            Description = "An opam package, such as hello or hello.1.0.",
            CustomParser = static result =>
            {
                if (OrbPackage.TryParse(result.Tokens[0].Value, out var package))
                    return package;
                result.AddError($"\"{result.Tokens[0].Value}\" is not a package such as hello or hello.1.0");
                return null;
            },
        };
        var repositories = new Option<OpamRepository[]>("--repos")
        {
            Description = "Where packages come from, in order of precedence. Default: default:https://opam.ocaml.org.",
            HelpName = "NAME:URL,…",
            CustomParser = static result =>
            {
                if (OpamRepository.TryParseList(result.Tokens[0].Value, out var list, out var reason))
                    return [.. list];
                result.AddError($"--repos: {reason}");
                return null;
            },
        };
        var name = new Option<string>("--switch-name")
        {
            Description =
                "The switch to build in: a name, or an absolute path, whose directory becomes the opam root. It is removed afterwards. Default: orb, in ~/.cache/builder/opam.",
            HelpName = "NAME|PATH",
        };
        var date = new Option<long?>("--date")
        {
            Description = "SOURCE_DATE_EPOCH of the build, in seconds since 1970. Default: now.",
            HelpName = "EPOCH",
        }.Between(0, uint.MaxValue);
        var output = new Option<string>("--out")
        {
            Description = "Where to write the results. Default: the current directory.",
            HelpName = "DIR",
        };
        var timeout = new Option<int?>("--solver-timeout")
        {
            Description = "Time limit of opam's solver. Default: opam's.",
            HelpName = "SECONDS",
        };
        timeout.Between(1, 1_000_000);
        var cache = new Option<Uri?>("--cache")
        {
            Description = "Look for source archives at this address first. Default: none.",
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var noSandbox = NoSandbox();
        var skip = new Option<bool>("--skip-system") { Description = "Do not install system packages that opam packages ask for." };
        var latest = new Option<bool>("--latest") { Description = "Prefer the latest version of every package." };
        var twice = new Option<bool>("--twice") { Description = "Build again from what was recorded, and compare." };
        var keep = new Option<bool>("--keep-build-dir")
        {
            Description = "Keep the build directories of packages until the switch is removed.",
        };
        var command = new Command(
            "build",
            """
            Build an opam package in a switch of its own, and record what it was built from.

            Writes opam-switch, build-environment, system-packages and PACKAGE.build-hashes, and the files that the package
            installed, by their path in the switch. The first three are written even if the build fails. In a job that
            repeats a build (BUILDER_RECORDED is set) the recorded switch and date are used.

            Example:
              builder orb build --switch-name=/tmp/orb/hello --date=1700000000 --out=result hello

            Exit code: 0 built, 1 the build failed, or with --twice the second build differs, 2 it could not be tried.
            """
        )
        {
            package,
            repositories,
            name,
            date,
            output,
            timeout,
            cache,
            noSandbox,
            skip,
            latest,
            twice,
            keep,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is { } given && !IsSwitchName(given))
                result.AddError($"--switch-name \"{given}\" is neither a name of letters, digits, . - and _ nor an absolute path");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                BuildAsync(
                    new OrbOptions
                    {
                        Package = parsed.GetRequiredValue(package),
                        Repositories = parsed.GetValue(repositories) ?? [OpamRepository.Default],
                        SwitchName = parsed.GetValue(name) ?? "orb",
                        Date = parsed.GetValue(date),
                        Out = parsed.GetValue(output) ?? ".",
                        SolverTimeout = parsed.GetValue(timeout),
                        Cache = parsed.GetValue(cache),
                        DisableSandboxing = parsed.GetValue(noSandbox),
                        SkipSystem = parsed.GetValue(skip),
                        Latest = parsed.GetValue(latest),
                        Twice = parsed.GetValue(twice),
                        KeepBuildDirectory = parsed.GetValue(keep),
                    },
                    cancellationToken
                )
        );
        return command;
    }

    private static Command CreateRebuild()
    {
        var directory = new Argument<string>("DIR")
        {
            Description = "What an opam build left: the artifacts of a build, or the --out of \"orb build\".",
        };
        var ignore = new Option<bool>("--ignore-env-differences") { Description = "Build even if this is another system or processor." };
        var skip = new Option<bool>("--skip-system")
        {
            Description = "Build even if recorded system packages are missing, and do not compare them.",
        };
        var output = new Option<string?>("--out") { Description = "Keep what is built here. Default: nothing is kept.", HelpName = "DIR" };
        var noSandbox = NoSandbox();
        var command = new Command(
            "rebuild",
            """
            Build a recorded opam package again, and compare file by file.

            Sets the recorded environment, imports the recorded switch, builds, and says of each file whether it has the same
            bytes, and if not, why. Its commands run as your user: only opam's own sandbox is around them.

            Example:
              builder orb rebuild result

            Exit code: 0 reproduced, 1 not reproduced, 2 it could not be tried or the inputs differ.
            """
        )
        {
            directory,
            ignore,
            skip,
            output,
            noSandbox,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                TroubleExit.RunAsync(() =>
                    new OrbRebuild(
                        new OrbRebuildOptions
                        {
                            Directory = parsed.GetRequiredValue(directory),
                            Out = parsed.GetValue(output),
                            IgnoresEnvironment = parsed.GetValue(ignore),
                            SkipsSystem = parsed.GetValue(skip),
                            DisableSandboxing = parsed.GetValue(noSandbox),
                        },
                        Console.Out
                    ).RunAsync(cancellationToken)
                )
        );
        return command;
    }

    private static async Task<int> BuildAsync(OrbOptions options, CancellationToken cancellationToken)
    {
        var environment = OrbEnvironment.Create(options, Environment.GetEnvironmentVariable, TimeProvider.System);
        var recorded = Environment.GetEnvironmentVariable(ReplayedInputs.Variable) is { Length: > 0 } directory
            ? await ReplayedInputs.TryReadAsync(directory, cancellationToken)
            : null;
        if (recorded is not null)
        {
            if (recorded.Root.Name.ToString() != options.Package.Name)
                throw new CommandException(
                    $"the recorded switch in {ReplayedInputs.Variable} is of {recorded.Root}, not of {options.Package}",
                    ExitCode.Trouble
                );
            environment = environment.WithDateOf(recorded.Environment);
        }
        await new OrbBuild(options, environment, recorded).RunAsync(cancellationToken);
        if (!options.Twice)
            return ExitCode.Success;
        return await new OrbRebuild(
            new OrbRebuildOptions
            {
                Directory = options.Out,
                SkipsSystem = options.SkipSystem,
                DisableSandboxing = options.DisableSandboxing,
                HasRoot = true,
            },
            Console.Out
        ).RunAsync(cancellationToken);
    }

    private static Option<bool> NoSandbox() =>
        new("--disable-sandboxing") { Description = "Run without opam's own sandbox, which cannot be nested in a worker's." };

    private static bool IsSwitchName(string name) =>
        Path.IsPathRooted(name)
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(name)).Length > 0
            : name.Length > 0
                && name[0] != '-'
                && name[0] != '.'
                && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
