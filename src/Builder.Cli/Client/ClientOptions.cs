using System.CommandLine;
using System.CommandLine.Parsing;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Cli.Up;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>Options that several client commands share, and how their values are read.</summary>
internal static class ClientOptions
{
    private const string RemoteVariable = "BUILDER_REMOTE";
    private const string KeyFileVariable = "BUILDER_KEY_FILE";

    public static Option<RemoteAddresses> Remote { get; } =
        new("-r", "--remote")
        {
            Description =
                $"The server: HOST:PORT or unix:PATH; several that share a state with commas between. Without it ${RemoteVariable}, then the socket of \"builder up\", then 127.0.0.1:1234.",
            Recursive = true,
            DefaultValueFactory = _ => RemoteAddress.Default,
            CustomParser = result =>
            {
                if (RemoteAddresses.TryParse(result.Tokens[0].Value, out var remote, out var reason))
                    return remote;
                result.AddError(reason);
                return null;
            },
        };

    public static Option<FileInfo?> KeyFile { get; } =
        new("--key-file")
        {
            Description = $"File with an administrator's key (builder admin-key add). Without it ${KeyFileVariable}.",
            HelpName = "FILE",
            Recursive = true,
        };

    public static Option<bool> Tls { get; } =
        new("--tls") { Description = "Talk TLS and check the server's certificate.", Recursive = true };

    public static Option<FileInfo?> TlsAuthority { get; } =
        new("--tls-ca")
        {
            Description = "The only authority whose certificates are taken from the server (PEM).",
            HelpName = "FILE",
            Recursive = true,
        };

    /// <exception cref="CommandException">The key would travel in clear, or a file cannot be used.</exception>
    public static ServerLink LinkOf(ParseResult parsed)
    {
        var remote = RemoteOf(parsed);
        var key =
            parsed.GetValue(KeyFile) is { } named ? SecretFile.ReadKey(KeyFile.Name, named.FullName)
            : Environment.GetEnvironmentVariable(KeyFileVariable) is { Length: > 0 } path ? SecretFile.ReadKey($"${KeyFileVariable}", path)
            : ByteString.Empty;
        var authority = parsed.GetValue(TlsAuthority) is { } file ? CertificateFile.Authorities(file) : null;
        var usesTls = parsed.GetValue(Tls) || authority is not null;
        if (!key.IsEmpty && !usesTls && remote.All.FirstOrDefault(static address => !address.IsThisMachine) is { } other)
            throw new CommandException($"the key would travel in clear to {other}: use --tls");
        return new ServerLink(remote, key, usesTls, authority);
    }

    private static RemoteAddresses RemoteOf(ParseResult parsed)
    {
        if (parsed.GetResult(Remote) is { Implicit: false })
            return parsed.GetRequiredValue(Remote);
        if (Environment.GetEnvironmentVariable(RemoteVariable) is not { Length: > 0 } value)
            return UpSockets.FindRunning() ?? RemoteAddress.Default;
        return RemoteAddresses.TryParse(value, out var remote, out var reason)
            ? remote
            : throw new UsageException($"{RemoteVariable}: {reason}");
    }

    public static Argument<ByteString> JobName() =>
        new("NAME")
        {
            Description = "Name of the job, unique in the schedule.",
            CustomParser = static result => ArgumentValues.JobName(result, result.Tokens[0].Value) is { } name ? name.Bytes : default,
        };

    public static Argument<ByteString> Platform() =>
        new("PLATFORM") { Description = "A platform such as debian-12.", CustomParser = result => ParsePlatform(result) };

    public static Option<ByteString?> PlatformOption(string description) =>
        new("--platform", "-p") { Description = description, CustomParser = result => ParsePlatform(result) };

    public static Argument<BuildUuid> Uuid() =>
        new("UUID") { Description = "Uuid of a running build.", CustomParser = ArgumentValues.Uuid };

    public static Option<Period?> Period(string description)
    {
        var period = new Option<Period?>("--period")
        {
            Description = description,
            HelpName = "PERIOD",
            CustomParser = result =>
            {
                if (Enum.TryParse<Period>(result.Tokens[0].Value, ignoreCase: true, out var value) && Enum.IsDefined(value))
                    return value;
                result.AddError($"\"{result.Tokens[0].Value}\" is not a period: hourly, daily, weekly or never");
                return null;
            },
        };
        period.CompletionSources.Add("hourly", "daily", "weekly", "never");
        return period;
    }

    private static ByteString ParsePlatform(ArgumentResult result) =>
        ArgumentValues.Platform(result, result.Tokens[0].Value) is { } platform ? platform.Bytes : default;
}
