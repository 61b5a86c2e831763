using System.CommandLine;
using Builder.Cli.Client;
using Builder.Cli.Originals;
using Builder.Cli.Server;
using Builder.Cli.Worker;

namespace Builder.Cli.Tests.Originals;

/// <summary>Called as the programs of the original are, with their options.</summary>
[Collection(Parsing.CommandTrees.Name)]
public sealed class CalledNameTests
{
    [Theory]
    [InlineData("builder-server", "server")]
    [InlineData("/usr/local/libexec/builder-worker", "worker")]
    [InlineData("./builder-client", "client")]
    [InlineData("builder-inspect", "inspect")]
    [InlineData("builder-web", "web")]
    [InlineData("builder-db", "db")]
    [InlineData("builder-migrations", "migrations")]
    [InlineData("builder", null)]
    [InlineData("builder-up", null)]
    [InlineData("builder-server2", null)]
    [InlineData("my-builder-server", null)]
    [InlineData("/opt/builder-server/builder", null)]
    [InlineData("", null)]
    public void A_name_of_the_original_is_a_role(string name, string? role) => Assert.Equal(role, CalledName.OriginalOf(name)?.Role);

    [Theory]
    [InlineData("")]
    [InlineData(
        "--ip 192.0.2.1 --port 1234 --dir /var/lib/builder --config-dir /etc/builder --upload http://user:secret@127.0.0.1:3000/upload -v"
    )]
    [InlineData("--verbosity debug")]
    [InlineData("--verbosity=warning -v")]
    public void The_server_takes_the_options_of_the_original(string arguments) => AssertTaken(ServerCommand.Create(), arguments);

    [Theory]
    [InlineData("debian-12")]
    [InlineData("freebsd-14.1 -r builds.example.org:1234 -v")]
    [InlineData("debian-12 --remote 192.0.2.1:1234 --verbosity info")]
    public void The_worker_takes_the_options_of_the_original(string arguments) => AssertTaken(WorkerCommand.Create(), arguments);

    [Theory]
    [InlineData("info -r 127.0.0.1:1234")]
    [InlineData("schedule hello debian-12 /bin/sh --period weekly")]
    [InlineData("orb-build dns dns-primary.1.0 --period hourly")]
    [InlineData("unschedule hello")]
    [InlineData("reschedule hello 2026-03-04T05:06:07Z --period daily")]
    [InlineData("execute hello --platform debian-12")]
    [InlineData("observe 03256a82-f30b-4974-aea3-d7888233254d")]
    [InlineData("observe-latest --platform debian-12 --job hello")]
    [InlineData("drop-platform debian-12")]
    [InlineData("undrop-platform debian-12")]
    public void The_client_takes_the_commands_of_the_original(string arguments) => AssertTaken(ClientCommand.Create(), arguments);

    [Theory]
    [InlineData("--timeout 1h", "the platform is missing")]
    [InlineData("debian/12", "debian/12")]
    [InlineData("debian-12 -r nowhere:0", "is not an address")]
    [InlineData("debian-12 --timeout soon", "--timeout")]
    [InlineData("debian-12 --memory lots", "512M")]
    [InlineData("debian-12 --cpus 0", "--cpus")]
    [InlineData("debian-12 --network host", "--sandbox bubblewrap")]
    [InlineData("debian-12 --tls-ca /nonexistent", "--tls")]
    public void What_the_worker_cannot_take_is_named(string arguments, string named)
    {
        var errors = WorkerCommand.Create().Parse(Split(arguments)).Errors;
        Assert.Contains(errors, error => error.Message.Contains(named, StringComparison.Ordinal));
    }

    private static void AssertTaken(Command command, string arguments) => Assert.Empty(command.Parse(Split(arguments)).Errors);

    private static string[] Split(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
