using System.CommandLine;
using System.CommandLine.Parsing;
using Builder.Protocol;

namespace Builder.Cli.Db;

/// <summary>Jobs, builds, platforms and moments of a command line; what is none of these is an error of the line, not of the database.</summary>
internal static class JobArgument
{
    public static Argument<JobName> Create() => new("JOB") { Description = "The job's name.", CustomParser = result => Name(result, result.Tokens[0].Value) };

    public static Option<JobName[]> Option(string description) => new("--job")
    {
        Description = description,
        HelpName = "JOB",
        CustomParser = result => [.. result.Tokens.Select(token => Name(result, token.Value)).OfType<JobName>()],
    };

    private static JobName? Name(ArgumentResult result, string text)
    {
        if (JobName.TryParse(text, out var job, out var reason))
            return job;
        result.AddError($"{reason}.");
        return null;
    }
}
