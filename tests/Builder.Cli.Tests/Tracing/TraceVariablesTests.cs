using Builder.Cli.Parsing;
using Builder.Cli.Tracing;
using OpenTelemetry.Exporter;

namespace Builder.Cli.Tests.Tracing;

/// <summary>The environment variables of OpenTelemetry's exporter, as its specification has them.</summary>
public sealed class TraceVariablesTests
{
    [Fact]
    public void Without_any_nothing_is_exported() => Assert.Null(Of().Read(given: null));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "http://collector:4318/v1/traces")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://collector/otlp/", "https://collector/otlp/v1/traces")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://traces:9/x OTEL_EXPORTER_OTLP_ENDPOINT=http://all:1", "http://traces:9/x")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "http://collector:4317/")]
    public void The_address_of_the_collector_is_as_the_specification_says(string variables, string address) =>
        Assert.Equal(address, Of(variables).Read(given: null)!.Endpoint.AbsoluteUri);

    [Fact]
    public void The_option_goes_before_the_environment() =>
        Assert.Equal(
            "http://given:4318/v1/traces",
            Of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://traces:9/x").Read(new Uri("http://given:4318"))!.Endpoint.AbsoluteUri
        );

    [Fact]
    public void What_is_for_traces_goes_before_what_is_for_all()
    {
        var options = Of(
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://all:1 OTEL_EXPORTER_OTLP_HEADERS=a=1 OTEL_EXPORTER_OTLP_TRACES_HEADERS=b=2 OTEL_EXPORTER_OTLP_TIMEOUT=7 OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf"
            )
            .Read(given: null)!;

        Assert.Equal(("b=2", 7, OtlpExportProtocol.HttpProtobuf), (options.Headers, options.TimeoutMilliseconds, options.Protocol));
    }

    [Theory]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318",
        "OTEL_EXPORTER_OTLP_ENDPOINT: \"collector:4318\" is not an http or https URL such as http://localhost:4318"
    )]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_PROTOCOL=http/json",
        "OTEL_EXPORTER_OTLP_PROTOCOL: \"http/json\" is not known here; use http/protobuf or grpc"
    )]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=soon",
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: \"soon\" is not a number of milliseconds"
    )]
    public void What_cannot_be_used_is_named(string variables, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Of(variables).Read(given: null)).Message);

    [Theory]
    [InlineData("OTEL_SDK_DISABLED=true", true)]
    [InlineData("OTEL_SDK_DISABLED=TRUE", true)]
    [InlineData("OTEL_TRACES_EXPORTER=none", true)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", false)]
    [InlineData("OTEL_SDK_DISABLED=1", false)]
    public void It_can_be_switched_off(string variables, bool isDisabled) => Assert.Equal(isDisabled, Of(variables).IsDisabled);

    [Theory]
    [InlineData("OTEL_SERVICE_NAME=mine", true)]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test,service.name=mine", true)]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test", false)]
    public void The_environment_can_name_the_service(string variables, bool isNamed) => Assert.Equal(isNamed, Of(variables).NamesService);

    private static TraceVariables Of(string variables = "")
    {
        var all = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Split('=', 2))
            .ToDictionary(static pair => pair[0], static pair => pair[1]);
        return new TraceVariables(name => all.GetValueOrDefault(name));
    }
}
