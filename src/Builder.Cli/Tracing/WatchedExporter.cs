using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace Builder.Cli.Tracing;

/// <summary>Says in the log when the collector stops taking spans, and when it takes them again.</summary>
internal sealed partial class WatchedExporter(OtlpExporterOptions options, ILogger logger) : OtlpTraceExporter(options)
{
    /// <summary>Without what an operator may have put before the host.</summary>
    private readonly string collector = options.Endpoint.GetLeftPart(UriPartial.Scheme) + options.Endpoint.Authority;

    private bool isFailing;

    public override ExportResult Export(in Batch<Activity> activityBatch)
    {
        var result = base.Export(activityBatch);
        if (result == ExportResult.Failure && !isFailing)
            LogLost(collector);
        else if (result == ExportResult.Success && isFailing)
            LogTaken(collector);
        isFailing = result == ExportResult.Failure;
        return result;
    }

    [LoggerMessage(
        EventId = 90,
        Level = LogLevel.Warning,
        Message = "The collector {Collector} does not take traces; they are lost until it does"
    )]
    private partial void LogLost(string collector);

    [LoggerMessage(EventId = 91, Level = LogLevel.Information, Message = "The collector {Collector} takes traces again")]
    private partial void LogTaken(string collector);
}
