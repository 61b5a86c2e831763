using System.CommandLine;
using Builder.Cli.Parsing;
using Builder.Cli.Programs;
using Builder.Protocol.Text;
using Builder.Worker.Options;

namespace Builder.Cli.Rebuild;

/// <summary><c>builder rebuild --from SITE</c>: builds again what a site shows, and reports signed results to it.</summary>
internal static class RebuildCommand
{
    private const string Variable = "XDG_STATE_HOME";

    public static Command Create()
    {
        var from = new Option<Uri>("--from")
        {
            Description = "The site whose builds are built again, such as https://builds.example.org.",
            Required = true,
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var job = new Option<string?>("--job")
        {
            Description = "Only jobs of this name, with * and ?, such as 'dns-*'. Default: all.",
            HelpName = "GLOB",
        };
        var platform = new Option<string?>("--platform")
        {
            Description = "Only builds on this platform. Default: all.",
            HelpName = "PLATFORM",
        };
        var key = new Option<string?>("--key")
        {
            Description = "Private key (PEM) that signs the results; made where there is none. Default: key.pem in the state directory.",
            HelpName = "FILE",
        };
        var once = new Option<bool>("--once") { Description = "End when all that is there is done, instead of waiting for new builds." };
        var since = Duration("--since", "At the first visit, leave out builds that finished longer ago. Such as 12h, 30d. Default: 1d.");
        var state = new Option<string?>("--state")
        {
            Description =
                $"Directory for the key and for what is done, one for each site. Default: builder/rebuild/SITE in ${Variable}, or in ~/.local/state.",
            HelpName = "DIR",
        };
        var sandbox = new Option<SandboxKind?>("--sandbox")
        {
            Description = "none: scripts of the site run as your user and can do all that you can. Default: bubblewrap.",
            HelpName = "bubblewrap|none",
        };
        sandbox.OneOf(("bubblewrap", SandboxKind.Bubblewrap), ("none", SandboxKind.None));
        var network = new Option<SandboxNetwork?>("--network")
        {
            Description =
                "The network in the sandbox. outbound: public IPv4 addresses, not this machine and its network (needs slirp4netns). Default: outbound where slirp4netns is installed, else none.",
            HelpName = "none|outbound|host",
        };
        network.OneOf(("none", SandboxNetwork.None), ("outbound", SandboxNetwork.Outbound), ("host", SandboxNetwork.Host));
        var show = new Option<string[]>("--show")
        {
            Description = "A file or directory that builds see, read-only, beyond programs and libraries. May be repeated.",
            HelpName = "PATH",
            DefaultValueFactory = static _ => [],
        };
        var time = Duration("--timeout", "Time limit of one build. Such as 90s, 30m, 2h. Default: 1h.");
        var command = new Command(
            "rebuild",
            """
            Build again what a site shows, and report signed results to it.

            Follows the site's list of builds, takes script and recorded inputs, builds in a worker's sandbox, compares, and
            posts a signed statement. It needs no account: the operator of the site registers its public key once. What is
            done is kept in the state directory, so that it goes on where it was after whatever ended it.

            Example:
              builder rebuild --from https://builds.example.org --job 'dns-*'

            Exit code with --once: 0 all results are reported, 1 some builds failed here or results were refused, 2 it could
            not be tried.
            """
        )
        {
            from,
            job,
            platform,
            key,
            once,
            since,
            state,
            sandbox,
            network,
            show,
            time,
        };
        command.Validators.Add(result =>
        {
            foreach (var option in (Option[])[network, show])
            {
                if (result.GetValue(sandbox) == SandboxKind.None && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} is for a sandbox; leave it out, or --sandbox none");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                TroubleExit.RunAsync(() =>
                    RebuildRun.RunAsync(
                        new RebuildOptions
                        {
                            Site = parsed.GetRequiredValue(from),
                            Job = parsed.GetValue(job),
                            Platform = parsed.GetValue(platform),
                            Key = parsed.GetValue(key),
                            Once = parsed.GetValue(once),
                            Since = parsed.GetValue(since) ?? TimeSpan.FromDays(1),
                            StateDirectory = parsed.GetValue(state) ?? DefaultState(parsed.GetRequiredValue(from)),
                            Isolation = new IsolationOptions
                            {
                                Sandbox = parsed.GetValue(sandbox) ?? SandboxKind.Bubblewrap,
                                Network = parsed.GetValue(network) ?? UsualNetwork(parsed.GetValue(sandbox) ?? SandboxKind.Bubblewrap),
                                Shown = parsed.GetValue(show) ?? [],
                            },
                            TimeLimit = parsed.GetValue(time) ?? TimeSpan.FromHours(1),
                        },
                        Console.Out,
                        cancellationToken
                    )
                )
        );
        return command;
    }

    private static SandboxNetwork UsualNetwork(SandboxKind sandbox) =>
        sandbox == SandboxKind.Bubblewrap && ProgramRun.Find("slirp4netns") is not null ? SandboxNetwork.Outbound : SandboxNetwork.None;

    private static string DefaultState(Uri site) =>
        Path.Combine(
            Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } state && Path.IsPathRooted(state)
                ? state
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
            "builder",
            "rebuild",
            string.Concat(site.Authority.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'))
        );

    private static Option<TimeSpan?> Duration(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (DurationText.TryParse(result.Tokens[0].Value, out var duration))
                    return duration;
                result.AddError($"{name}: \"{result.Tokens[0].Value}\" is not a time such as 90s, 30m or 2h");
                return null;
            },
        };
}
