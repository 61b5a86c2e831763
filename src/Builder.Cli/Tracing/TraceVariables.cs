using Builder.Cli.Parsing;
using OpenTelemetry.Exporter;

namespace Builder.Cli.Tracing;

/// <summary>The settings of the exporter, as OpenTelemetry names its environment variables; those for traces go before those for all signals.</summary>
internal sealed class TraceVariables(Func<string, string?> read)
{
    private const string ForTraces = "OTEL_EXPORTER_OTLP_TRACES_";
    private const string ForAll = "OTEL_EXPORTER_OTLP_";

    /// <summary>The operator says that nothing is to be exported.</summary>
    public bool IsDisabled =>
        string.Equals(read("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase) || read("OTEL_TRACES_EXPORTER") == "none";

    public bool NamesService =>
        read("OTEL_SERVICE_NAME") is { Length: > 0 }
        || read("OTEL_RESOURCE_ATTRIBUTES")?.Contains("service.name=", StringComparison.Ordinal) == true;

    /// <param name="given">By option: goes before the variables.</param>
    /// <returns>Null where no collector is named.</returns>
    /// <exception cref="UsageException">A variable cannot be used; the message names it.</exception>
    public OtlpExporterOptions? Read(Uri? given)
    {
        var protocol = ReadProtocol();
        Uri endpoint;
        if (given is not null)
            endpoint = protocol == OtlpExportProtocol.HttpProtobuf ? WithPath(given) : given;
        else if (read(ForTraces + "ENDPOINT") is { Length: > 0 } traces)
            endpoint = ReadUrl(ForTraces + "ENDPOINT", traces);
        else if (read(ForAll + "ENDPOINT") is { Length: > 0 } all)
            endpoint = ReadUrl(ForAll + "ENDPOINT", all) is var url && protocol == OtlpExportProtocol.HttpProtobuf ? WithPath(url) : url;
        else
            return null;
        var options = new OtlpExporterOptions { Endpoint = endpoint, Protocol = protocol };
        if (Find("HEADERS") is (_, { } headers))
            options.Headers = headers;
        if (Find("TIMEOUT") is ({ } name, { } timeout))
            options.TimeoutMilliseconds =
                int.TryParse(timeout, out var milliseconds) && milliseconds > 0
                    ? milliseconds
                    : throw new UsageException($"{name}: \"{timeout}\" is not a number of milliseconds");
        return options;
    }

    /// <summary>As the specification of the exporter says; a collector listens for it on port 4318.</summary>
    private OtlpExportProtocol ReadProtocol() =>
        Find("PROTOCOL") switch
        {
            (_, null) or (_, "http/protobuf") => OtlpExportProtocol.HttpProtobuf,
            (_, "grpc") => OtlpExportProtocol.Grpc,
            (var name, var other) => throw new UsageException($"{name}: \"{other}\" is not known here; use http/protobuf or grpc"),
        };

    private (string? Name, string? Value) Find(string name) =>
        read(ForTraces + name) is { Length: > 0 } traces ? (ForTraces + name, traces)
        : read(ForAll + name) is { Length: > 0 } all ? (ForAll + name, all)
        : (null, null);

    private static Uri ReadUrl(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new UsageException($"{name}: \"{text}\" is not an http or https URL such as http://localhost:4318");

    private static Uri WithPath(Uri collector) => new(collector.AbsoluteUri.TrimEnd('/') + "/v1/traces");
}
