using System.CommandLine;
using System.CommandLine.Parsing;
using Builder.Protocol;

namespace Builder.Cli.Client;

/// <summary>Options that several client commands share, and how their values are read.</summary>
internal static class ClientOptions
{
    private const string RemoteVariable = "BUILDER_REMOTE";

    public static Option<Remote> Remote { get; } = new("-r", "--remote")
    {
        Description = $"The server: HOST:PORT or unix:PATH. Without it ${RemoteVariable}, then 127.0.0.1:1234.",
        Recursive = true,
        DefaultValueFactory = _ => Cli.Remote.Default,
        CustomParser = result =>
        {
            if (Cli.Remote.TryParse(result.Tokens[0].Value, out var remote, out var reason))
                return remote;
            result.AddError(reason);
            return null;
        },
    };

    public static Remote RemoteOf(ParseResult parsed)
    {
        if (parsed.GetResult(Remote) is { Implicit: false })
            return parsed.GetRequiredValue(Remote);
        if (Environment.GetEnvironmentVariable(RemoteVariable) is not { Length: > 0 } value)
            return Cli.Remote.Default;
        return Cli.Remote.TryParse(value, out var remote, out var reason) ? remote : throw new CommandException($"{RemoteVariable}: {reason}");
    }

    public static Argument<ByteString> JobName() => new("NAME")
    {
        Description = "Name of the job, unique in the schedule.",
        CustomParser = result => Protocol.JobName.TryParse(result.Tokens[0].Value, out var name, out var reason) ? name.Bytes : Refuse(result, reason),
    };

    public static Argument<ByteString> Platform() => new("PLATFORM")
    {
        Description = "A platform such as debian-12.",
        CustomParser = result => ParsePlatform(result),
    };

    public static Option<ByteString?> PlatformOption(string description) => new("--platform", "-p")
    {
        Description = description,
        CustomParser = result => ParsePlatform(result),
    };

    public static Argument<BuildUuid> Uuid() => new("UUID")
    {
        Description = "Uuid of a running build.",
        CustomParser = result =>
        {
            if (BuildUuid.TryParse(result.Tokens[0].Value, out var uuid))
                return uuid;
            result.AddError($"\"{result.Tokens[0].Value}\" is not a uuid such as b92c500e-03fc-44d9-95de-50e5e6f91479");
            return default;
        },
    };

    public static Option<Period?> Period(string description)
    {
        var period = new Option<Period?>("--period")
        {
            Description = description,
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
        Protocol.Platform.TryParse(result.Tokens[0].Value, out var platform, out var reason) ? platform.Bytes : Refuse(result, reason);

    private static ByteString Refuse(ArgumentResult result, string reason)
    {
        result.AddError(reason);
        return default;
    }
}
