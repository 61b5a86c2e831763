using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Publishing.Options;
using Builder.Publishing.Repositories;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo init --debian|--freebsd</c>.</summary>
internal static class RepoInitCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var debian = new Option<bool>("--debian") { Description = "A repository for apt: packages from main binaries *.deb." };
        var freeBsd = new Option<bool>("--freebsd") { Description = "A repository for FreeBSD's pkg: packages from main binaries *.pkg." };
        var name = new Option<string>("--name")
        {
            Description = "What clients show as its origin.",
            DefaultValueFactory = _ => "Builder",
            HelpName = "TEXT",
        };
        var architectures = new Option<string[]>("--architecture", "-a")
        {
            Description = "An architecture (Debian; amd64 and arm64 where none is given) or ABI (FreeBSD; any). May be given again.",
            HelpName = "NAME",
        };
        var publish = new Option<string>("--publish")
        {
            Description = "When a package goes out: when=built, or when=reproduced by a second build with the same input.",
            DefaultValueFactory = _ => "when=built",
            HelpName = "when=WHEN",
        };
        publish.Validators.Add(result =>
        {
            if (!RepositorySettings.TryParseGate(result.GetValueOrDefault<string>() ?? "", out _))
                result.AddError("--publish takes when=built or when=reproduced.");
        });
        var import = new Option<string?>("--import")
        {
            Description = "Sign with the secret key in this file instead of a new one.",
            HelpName = "FILE",
        };
        var algorithm = new Option<string>("--key-type")
        {
            Description = "Of a new OpenPGP key, as gpg names it.",
            DefaultValueFactory = _ => "rsa4096",
            HelpName = "NAME",
        };
        var expires = new Option<string>("--expires")
        {
            Description = "Of a new OpenPGP key: 2y, 6m, or 0 for never.",
            DefaultValueFactory = _ => "0",
            HelpName = "TIME",
        };
        var signer = new Option<string?>("--signer")
        {
            Description = "Socket of builder repo signer, where the keys are to belong to another user.",
            HelpName = "SOCKET",
        };
        var directory = new Option<string?>("--directory")
        {
            Description = "What is published goes here instead of into the data directory.",
            HelpName = "DIR",
        };
        var command = new Command("init", "Set a repository up: make or take over its key, write its settings.")
        {
            debian,
            freeBsd,
            name,
            architectures,
            publish,
            import,
            algorithm,
            expires,
            signer,
            directory,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(debian) == result.GetValue(freeBsd))
                result.AddError("Give --debian or --freebsd.");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                RepositoryOptions.GuardAsync(async () =>
                {
                    var where = options.Read(parsed);
                    var defaults = RepositorySettings.Default(
                        where.ConfigDirectory,
                        where.DataDirectory,
                        parsed.GetValue(debian) ? RepositoryKind.Debian : RepositoryKind.FreeBsd
                    );
                    if (!RepositorySettings.TryParseGate(parsed.GetRequiredValue(publish), out var gate))
                        throw new CommandException(
                            $"--publish takes when=built or when=reproduced, not \"{parsed.GetRequiredValue(publish)}\"."
                        );
                    var settings = await RepositorySetup.InitializeAsync(
                        defaults with
                        {
                            Name = parsed.GetRequiredValue(name),
                            Architectures = parsed.GetValue(architectures) is { Length: > 0 } given ? given : defaults.Architectures,
                            Gate = gate,
                            Signer = parsed.GetValue(signer) is { } socket ? Path.GetFullPath(socket) : null,
                            Directory = parsed.GetValue(directory) is { } other ? Path.GetFullPath(other) : defaults.Directory,
                        },
                        parsed.GetValue(import),
                        parsed.GetRequiredValue(algorithm),
                        parsed.GetRequiredValue(expires),
                        cancellationToken
                    );
                    await Console.Out.WriteLineAsync(
                        settings.Kind == RepositoryKind.Debian
                            ? $"Debian repository set up in {settings.Directory}, signed by {settings.Key}."
                            : $"FreeBSD repository set up in {settings.Directory}, signed by {settings.RsaKeyFile}."
                    );
                    await Console.Out.WriteLineAsync(
                        $"Settings: {Path.Combine(settings.Folder, RepositorySettings.FileName)}. Start builder web anew to publish."
                    );
                    return ExitCode.Success;
                })
        );
        return command;
    }
}
