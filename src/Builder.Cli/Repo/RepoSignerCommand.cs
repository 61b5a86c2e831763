using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Publishing.Options;
using Builder.Publishing.Signing;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo signer --socket PATH</c>.</summary>
internal static class RepoSignerCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var socket = new Option<string>("--socket")
        {
            Description = "Where to listen; the socket's group may use it.",
            Required = true,
            HelpName = "PATH",
        };
        var command = new Command("signer", "Sign for builder web, as another user who alone can read the keys.") { socket };
        command.SetAction(
            (parsed, cancellationToken) =>
                RepositoryOptions.GuardAsync(async () =>
                {
                    var where = options.Read(parsed);
                    var signers = new Dictionary<SignatureKind, ISigner>();
                    if (RepositorySettings.Load(where.ConfigDirectory, where.DataDirectory, RepositoryKind.Debian) is { } debian)
                    {
                        var key = new GpgKeyring(debian.GnupgHome, debian.Key);
                        signers[SignatureKind.ClearSigned] = key;
                        signers[SignatureKind.Detached] = key;
                    }
                    if (RepositorySettings.Load(where.ConfigDirectory, where.DataDirectory, RepositoryKind.FreeBsd) is { } freeBsd)
                        signers[SignatureKind.Rsa] = new RsaKey(freeBsd.RsaKeyFile);
                    if (signers.Count == 0)
                        throw new CommandException($"No repository is set up in {where.ConfigDirectory}: see builder repo init --help.");
                    var path = Path.GetFullPath(parsed.GetRequiredValue(socket));
                    await new SignerServer(signers, TimeProvider.System).RunAsync(
                        path,
                        () => Console.Error.WriteLine($"builder: signing at {path}"),
                        cancellationToken
                    );
                    return ExitCode.Success;
                })
        );
        return command;
    }
}
