using System.CommandLine;
using System.CommandLine.Parsing;
using Builder.Cli.Diff;
using Builder.Cli.Parsing;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Builder.Worker.Options;

namespace Builder.Cli.Reproduce;

/// <summary><c>builder reproduce URL</c>: builds a build of a site again, here, and compares.</summary>
internal static class ReproduceCommand
{
    public static Command Create()
    {
        var url = new Argument<SiteUrl>("URL")
        {
            Description = "A build on a Builder site: https://SITE/job/JOB/build/UUID, or latest for the uuid.",
            CustomParser = static result =>
            {
                if (SiteUrl.TryParse(result.Tokens[0].Value, out var url) && url.IsBuild)
                    return url;
                result.AddError(
                    $"\"{result.Tokens[0].Value}\" is not the URL of a build such as https://builds.example.org/job/hello/build/latest"
                );
                return null;
            },
        };
        var sandbox = new Option<SandboxKind?>("--sandbox")
        {
            Description = "none: the script runs as your user and can do all that you can. Default: bubblewrap.",
            HelpName = "bubblewrap|none",
        };
        sandbox.OneOf(("bubblewrap", SandboxKind.Bubblewrap), ("none", SandboxKind.None));
        var network = new Option<SandboxNetwork>("--network")
        {
            Description =
                "The network in the sandbox. outbound: public IPv4 addresses, not this machine and its network (needs slirp4netns). Default: outbound where slirp4netns is installed, else none.",
            HelpName = "none|outbound|host",
        };
        network.OneOf(("none", SandboxNetwork.None), ("outbound", SandboxNetwork.Outbound), ("host", SandboxNetwork.Host));
        var allow = Texts(
            "--allow",
            "HOST",
            "With --network outbound: a host that is reached although its address is not public. May be repeated."
        );
        var show = Texts(
            "--show",
            "PATH",
            "A file or directory that the build sees, read-only, beyond programs and libraries. May be repeated."
        );
        var time = new Option<TimeSpan>("--timeout")
        {
            Description = "Time limit of the build. Such as 90s, 30m, 2h. Default: 1h.",
            HelpName = "TIME",
            DefaultValueFactory = static _ => TimeSpan.FromHours(1),
            CustomParser = static result =>
            {
                if (DurationText.TryParse(result.Tokens[0].Value, out var duration))
                    return duration;
                result.AddError($"--timeout: \"{result.Tokens[0].Value}\" is not a time such as 90s, 30m or 2h");
                return default;
            },
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Keep what was built in this directory, which must be empty or absent. Default: nothing is kept.",
            HelpName = "DIR",
        };
        var trust = Texts(
            "--trust-key",
            "FILE",
            "Believe statements that are signed with this public key (PEM), or with a key of a list (builder-keys.json). May be repeated. Default: the keys of the site."
        );
        var vary = VariationsOption.Create(
            "--vary",
            "Build under other circumstances, as far as this machine can: time,path,hostname,user,locale,timezone,umask,cpus,fileorder,kernel, or all. Default: none."
        );
        var attest = new Option<bool>("--attest")
        {
            Description = "Sign the result with --key and send it to the site, which shows it where its operator registered the key.",
        };
        var key = new Option<string?>("--key") { Description = "With --attest: the private key (PEM).", HelpName = "FILE" };
        var command = new Command(
            "reproduce",
            """
            Build a build of a site again on this machine, and compare.

            Fetches script, recorded inputs and signed statements, checks the signature, says what this machine lacks, runs
            the script in a worker's sandbox with the recorded inputs and date, and compares by SHA-256. Where the bytes
            differ, it says why. The script is as trustworthy as the site: without a sandbox it can do all that you can.

            Examples:
              builder reproduce https://builds.example.org/job/hello/build/latest
              builder reproduce https://builds.example.org/job/hello/build/latest --vary all

            Exit code: 0 the same bytes, 1 other bytes from equal inputs, 2 it could not be tried or the inputs differ.
            """
        )
        {
            url,
            sandbox,
            network,
            allow,
            show,
            time,
            vary,
            output,
            attest,
            key,
            trust,
        };
        command.Validators.Add(result => Validate(result, sandbox, network, allow, show));
        command.Validators.Add(result =>
        {
            if (result.GetValue(attest) != result.GetResult(key) is { Implicit: false })
                result.AddError(result.GetValue(attest) ? "--attest needs --key FILE" : "--key is for --attest; add that");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                TroubleExit.RunAsync(() =>
                    ReproduceRun.RunAsync(
                        new ReproduceOptions
                        {
                            Url = parsed.GetRequiredValue(url),
                            Isolation = new IsolationOptions
                            {
                                Sandbox = parsed.GetValue(sandbox) ?? SandboxKind.Bubblewrap,
                                Network = parsed.GetResult(network) is { Implicit: false }
                                    ? parsed.GetValue(network)
                                    : UsualNetwork(parsed.GetValue(sandbox) ?? SandboxKind.Bubblewrap),
                                AllowedHosts = parsed.GetValue(allow) ?? [],
                                Shown = parsed.GetValue(show) ?? [],
                            },
                            TimeLimit = parsed.GetValue(time),
                            Vary = parsed.GetValue(vary) ?? Variations.None,
                            AttestationKey = parsed.GetValue(key),
                            Output = parsed.GetValue(output),
                            TrustedKeys = parsed.GetValue(trust) ?? [],
                        },
                        Console.Out,
                        cancellationToken
                    )
                )
        );
        return command;
    }

    private static void Validate(
        CommandResult result,
        Option<SandboxKind?> sandbox,
        Option<SandboxNetwork> network,
        Option<string[]> allow,
        Option<string[]> show
    )
    {
        if (result.GetResult(allow) is { Implicit: false } && result.GetValue(network) != SandboxNetwork.Outbound)
            result.AddError("--allow is for --network outbound; add that");
        foreach (var option in (Option[])[network, allow, show])
        {
            if (result.GetValue(sandbox) == SandboxKind.None && result.GetResult(option) is { Implicit: false })
                result.AddError($"{option.Name} is for a sandbox; leave it out, or --sandbox none");
        }
    }

    private static SandboxNetwork UsualNetwork(SandboxKind sandbox) =>
        sandbox == SandboxKind.Bubblewrap && Programs.ProgramRun.Find("slirp4netns") is not null
            ? SandboxNetwork.Outbound
            : SandboxNetwork.None;

    private static Option<string[]> Texts(string name, string helpName, string description) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = static _ => [],
        };
}
