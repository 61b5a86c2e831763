using System.CommandLine;
using Builder.Cli.Db;
using Builder.Publishing;
using Builder.Storage.Database;
using Builder.Web;

namespace Builder.Cli;

/// <summary><c>builder web</c>, also <c>builder-web</c>: takes uploads in, shows and serves builds.</summary>
internal static class WebCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        var host = new Option<string>("--host", "-H")
        {
            Description = "Address to listen on.",
            DefaultValueFactory = _ => "127.0.0.1",
            HelpName = "ADDRESS",
        };
        var port = new Option<int>("--port", "-p")
        {
            Description = "Port to listen on; 0 takes any free one.",
            DefaultValueFactory = _ => 3000,
            HelpName = "PORT",
        };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535)
                result.AddError("--port takes a number from 0 to 65535.");
        });
        var configuration = new Option<string>("--configdir", "-c")
        {
            Description = "Configuration directory: intro.md, hooks, package repositories.",
            DefaultValueFactory = _ => OperatingSystem.IsFreeBSD() ? "/usr/local/etc/builder-web" : "/etc/builder-web",
            HelpName = "DIR",
        };
        var expired = new Option<int>("--expired-jobs")
        {
            Description = "The front page shows builds that finished within so many days; 0 shows all.",
            DefaultValueFactory = _ => 30,
            HelpName = "DAYS",
        };
        expired.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 365_000)
                result.AddError("--expired-jobs takes a number of days from 0 (all).");
        });
        var server = new Option<string?>("--server")
        {
            Description = "A build server to ask what runs and waits, such as localhost:1234.",
            HelpName = "HOST:PORT",
        };
        var title = new Option<string>("--title") { Description = "The site's name.", DefaultValueFactory = _ => "builder", HelpName = "TEXT" };
        var contact = new Option<string?>("--contact") { Description = "Whom to ask, at the foot of each page.", HelpName = "TEXT" };
        var publish = new Option<string?>("--publish")
        {
            Description = "When packages go out: when=built or when=reproduced; as the repositories' settings say where not given.",
            HelpName = "when=WHEN",
        };
        publish.Validators.Add(result =>
        {
            if (!RepositorySettings.TryParseGate(result.GetValueOrDefault<string>() ?? "", out _))
                result.AddError("--publish takes when=built or when=reproduced.");
        });
        var command = new Command("web", "Take builds in by upload, show and serve them.") { host, port, configuration, expired, server, title, contact, publish };
        data.AddTo(command);
        command.Add(HooksCommand.Create());
        command.SetAction((parsed, cancellation) =>
        {
            var settings = data.Settings(parsed);
            return RunAsync(
                new WebOptions
                {
                    Host = parsed.GetRequiredValue(host),
                    Port = parsed.GetValue(port),
                    DataDirectory = settings.DataDirectory,
                    ConnectionString = settings.ConnectionString,
                    ConfigurationDirectory = parsed.GetRequiredValue(configuration),
                    ExpiredJobsDays = parsed.GetValue(expired),
                    Server = parsed.GetValue(server),
                    Publish = parsed.GetValue(publish) is { } when && RepositorySettings.TryParseGate(when, out var gate) ? gate : null,
                    Title = parsed.GetRequiredValue(title),
                    Contact = parsed.GetValue(contact),
                },
                cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(WebOptions options, CancellationToken cancellation)
    {
        try
        {
            await using var web = await BuilderWeb.CreateAsync(options, logging: null, cancellation);
            await web.StartAsync(cancellation);
            await Console.Error.WriteLineAsync($"builder: listening on {web.Address}");
            await web.WaitForShutdownAsync(cancellation);
            return ExitCode.Success;
        }
        catch (Exception error) when (error is SchemaException or WebOptionsException)
        {
            throw new CommandException(error.Message);
        }
    }
}
