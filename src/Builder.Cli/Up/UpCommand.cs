using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Logging;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Cli.Tracing;
using Builder.Publishing.Options;
using Builder.Worker.Options;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Up;

/// <summary><c>builder up</c>: server, web and workers on one machine, with nothing to configure.</summary>
internal static class UpCommand
{
    internal const int StandardPort = 3000;

    public static Command Create()
    {
        var directory = new Option<string>("--datadir", "-d")
        {
            Description = "Where everything is kept; made if absent.",
            DefaultValueFactory = _ => UpDirectory.Default,
            HelpName = "DIR",
        };
        var host = new Option<string>("--host")
        {
            Description = "Address the site listens on.",
            DefaultValueFactory = _ => "127.0.0.1",
            HelpName = "ADDRESS",
        };
        var port = PortOption("--port", $"Port of the site; 0 takes any free one. Without it {StandardPort}, or the next free one.");
        port.Aliases.Add("-p");
        var serverPort = PortOption(
            "--server-port",
            "Also let clients and workers of the original in by this port on loopback, such as 1234; 0 takes any free one. Everybody on this machine gets in there without a key."
        );
        var sandbox = new Option<SandboxKind?>("--sandbox")
        {
            Description =
                "How jobs are kept apart from this machine and from each other. Without it bubblewrap; where that cannot be had, only the bundled samples run.",
            HelpName = "bubblewrap|none",
        };
        sandbox.OneOf(("bubblewrap", SandboxKind.Bubblewrap), ("none", SandboxKind.None));
        var network = new Option<SandboxNetwork>("--network")
        {
            Description =
                "The network of jobs in a sandbox: none (the default), outbound for public addresses only, host for all that this machine reaches, its own ports too.",
            HelpName = "none|outbound|host",
        };
        network.OneOf(("none", SandboxNetwork.None), ("outbound", SandboxNetwork.Outbound), ("host", SandboxNetwork.Host));
        var workers = new Option<int>("--workers", "-w")
        {
            Description = "How many jobs run at once on this machine; 0 for none here.",
            DefaultValueFactory = _ => 2,
            HelpName = "N",
        };
        workers.Between(0, 256);
        var samples = new Option<bool>("--samples")
        {
            Description = "Schedule four sample jobs: one that can be reproduced, one that cannot, one that fails, one to watch.",
        };
        var publish = new Option<string?>("--publish")
        {
            Description =
                "Publish packages (.deb, on FreeBSD .pkg) that builds make: when=built, or when=reproduced by a second build. Sets the repository up if there is none.",
            HelpName = "when=WHEN",
            Arity = ArgumentArity.ZeroOrOne,
        };
        publish.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !RepositorySettings.TryParseGate(result.Tokens[0].Value, out _))
                result.AddError("--publish takes when=built or when=reproduced.");
        });
        var traces = new TraceOption();
        var logging = new LogOptions();
        var command = new Command(
            "up",
            "Run everything on this machine: server, web and workers. Ctrl-C ends it; started again it goes on where it was."
        )
        {
            directory,
            host,
            port,
            serverPort,
            workers,
            sandbox,
            network,
            samples,
            publish,
        };
        traces.AddTo(command);
        logging.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                UploadPassword.ForgetVariable();
                using var loggers = logging.Create(parsed);
                var options = new UpOptions(
                    parsed.GetRequiredValue(directory),
                    parsed.GetRequiredValue(host),
                    parsed.GetValue(port),
                    parsed.GetValue(serverPort),
                    parsed.GetValue(workers),
                    parsed.GetValue(samples)
                )
                {
                    Sandbox = parsed.GetValue(sandbox),
                    Network = parsed.GetValue(network),
                    Collector = traces.Of(parsed),
                    Publish =
                        parsed.GetResult(publish) is null ? null
                        : RepositorySettings.TryParseGate(parsed.GetValue(publish) ?? "", out var gate) ? gate
                        : PublishGate.Built,
                };
                using var export = traces.Start(parsed, "builder", TimeSpan.FromSeconds(2), loggers.CreateLogger("traces"));
                await new LocalInstallation(options, TimeProvider.System, loggers).RunAsync(cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Option<int?> PortOption(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "PORT" };
        return option.Between(0, Values.MaxPort);
    }
}
