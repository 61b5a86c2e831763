using System.CommandLine;
using Builder.Cli.Parsing;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Tracing;

/// <summary><c>--otlp-endpoint</c>, and the environment variables of OpenTelemetry instead of it.</summary>
internal sealed class TraceOption
{
    public const string Name = "--otlp-endpoint";

    private readonly Option<Uri?> endpoint = new(Name)
    {
        Description =
            "Send traces of builds to this OpenTelemetry collector, such as http://localhost:4318. Without it $OTEL_EXPORTER_OTLP_ENDPOINT, else none are sent.",
        HelpName = "URL",
        CustomParser = Values.HttpUrl,
    };

    /// <param name="isRecursive">Its commands take it too.</param>
    public void AddTo(Command command, bool isRecursive = false)
    {
        endpoint.Recursive = isRecursive;
        command.Add(endpoint);
    }

    /// <summary>The collector that the option names; null where it is not given.</summary>
    public Uri? Of(ParseResult parsed) => parsed.GetValue(endpoint);

    /// <param name="service">What traces call this program, where the environment does not say.</param>
    /// <param name="timeToEnd">How long the end of the program waits for a collector that does not answer.</param>
    /// <returns>Null where nothing is to be exported. To be disposed of at the end.</returns>
    /// <exception cref="UsageException">An environment variable cannot be used.</exception>
    public TraceExport? Start(ParseResult parsed, string service, TimeSpan timeToEnd, ILogger logger)
    {
        var variables = new TraceVariables(Environment.GetEnvironmentVariable);
        if (variables.IsDisabled || variables.Read(Of(parsed)) is not { } options)
            return null;
        return new TraceExport(options, variables.NamesService ? null : service, timeToEnd, logger);
    }
}
