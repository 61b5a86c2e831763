using System.CommandLine;
using Builder.Cli.Parsing;
using Builder.Protocol.Values;

namespace Builder.Cli.Db;

/// <summary>The argument that names a job.</summary>
internal static class JobArgument
{
    public static Argument<JobName> Create() =>
        new("JOB")
        {
            Description = "The job's name.",
            CustomParser = static result => ArgumentValues.JobName(result, result.Tokens[0].Value),
        };
}
