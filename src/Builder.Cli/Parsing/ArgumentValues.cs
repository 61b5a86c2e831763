using System.CommandLine.Parsing;
using Builder.Protocol.Values;

namespace Builder.Cli.Parsing;

/// <summary>How jobs, platforms and builds are read from a command line. What is none is an error of the line that names what was given.</summary>
internal static class ArgumentValues
{
    public static JobName? JobName(ArgumentResult result, string text)
    {
        if (Protocol.Values.JobName.TryParse(text, out var name, out var reason))
            return name;
        result.AddError(reason);
        return null;
    }

    public static Platform? Platform(ArgumentResult result, string text)
    {
        if (Protocol.Values.Platform.TryParse(text, out var platform, out var reason))
            return platform;
        result.AddError(reason);
        return null;
    }

    public static BuildUuid Uuid(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!BuildUuid.TryParse(text, out var uuid))
            result.AddError($"\"{text}\" is not a uuid such as b92c500e-03fc-44d9-95de-50e5e6f91479");
        return uuid;
    }
}
