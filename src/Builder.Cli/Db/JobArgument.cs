using System.CommandLine;
using Builder.Protocol;

namespace Builder.Cli.Db;

/// <summary>The argument that names a job.</summary>
internal static class JobArgument
{
    public static Argument<string> Create() => new("JOB") { Description = "The job's name." };

    /// <exception cref="CommandException">Not a job's name.</exception>
    public static JobName Read(ParseResult parsed, Argument<string> argument) => Parse(parsed.GetRequiredValue(argument));

    /// <exception cref="CommandException">Not a job's name.</exception>
    public static JobName Parse(string text) =>
        JobName.TryParse(text, out var job, out var reason) ? job : throw new CommandException($"{reason}.");
}
