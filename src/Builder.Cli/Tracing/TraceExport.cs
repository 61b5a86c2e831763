using System.Reflection;
using Builder.Protocol.Tracing;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Builder.Cli.Tracing;

/// <summary>
/// Sends the spans of this process to a collector, from a thread of its own. What a collector does not take in time is lost; nothing waits for it but the
/// end of the process, for a bounded time.
/// </summary>
internal sealed class TraceExport : IDisposable
{
    private readonly TracerProvider provider;
    private readonly TimeSpan timeToEnd;

    /// <param name="service">Null where the environment names it.</param>
    public TraceExport(OtlpExporterOptions options, string? service, TimeSpan timeToEnd, ILogger logger)
    {
        this.timeToEnd = timeToEnd;
        var batch = new BatchExportActivityProcessorOptions();
        provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(BuildTrace.SourceName)
            .ConfigureResource(resource => Describe(resource, service))
            .AddProcessor(
                new BatchActivityExportProcessor(
                    new WatchedExporter(options, logger),
                    batch.MaxQueueSize,
                    batch.ScheduledDelayMilliseconds,
                    batch.ExporterTimeoutMilliseconds,
                    batch.MaxExportBatchSize
                )
            )
            .Build();
    }

    public void Dispose()
    {
        provider.Shutdown((int)timeToEnd.TotalMilliseconds);
        provider.Dispose();
    }

    private static void Describe(ResourceBuilder resource, string? service)
    {
        if (service is not null)
            resource.AddService(
                service,
                serviceVersion: typeof(TraceExport)
                    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                    ?.InformationalVersion
            );
    }
}
