using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Proof.Statements;

/// <summary>How artifacts came about: SLSA provenance v1, of SLSA 1.2.</summary>
public sealed record SlsaProvenance : Predicate
{
    public const string TypeUri = "https://slsa.dev/provenance/v1";

    private const int MaxDependencies = 100_000;

    public override string Type => TypeUri;

    /// <summary>The URI of the page that describes this kind of build and its parameters.</summary>
    public required string BuildType { get; init; }

    public required ExternalParameters External { get; init; }

    /// <summary>What the builder set, by name, such as <c>isolation</c>.</summary>
    public ImmutableSortedDictionary<string, string> Internal { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    public ImmutableArray<ResourceDescriptor> ResolvedDependencies { get; init; } = [];

    /// <summary>The URI of the platform whose word this is; one for each mode of isolation.</summary>
    public required string BuilderId { get; init; }

    /// <summary>Programs of the platform and their versions.</summary>
    public ImmutableSortedDictionary<string, string> BuilderVersion { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The build's uuid.</summary>
    public required string InvocationId { get; init; }

    public DateTimeOffset? StartedOn { get; init; }

    public DateTimeOffset? FinishedOn { get; init; }

    public ImmutableArray<ResourceDescriptor> Byproducts { get; init; } = [];

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("buildDefinition");
        json.WriteString("buildType", BuildType);
        External.Write(json);
        WriteMap(json, "internalParameters", Internal);
        ResourceDescriptor.WriteList(json, "resolvedDependencies", ResolvedDependencies);
        json.WriteEndObject();
        json.WriteStartObject("runDetails");
        json.WriteStartObject("builder");
        json.WriteString("id", BuilderId);
        WriteMap(json, "version", BuilderVersion);
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        json.WriteString("invocationId", InvocationId);
        WriteTime(json, "startedOn", StartedOn);
        WriteTime(json, "finishedOn", FinishedOn);
        json.WriteEndObject();
        ResourceDescriptor.WriteList(json, "byproducts", Byproducts);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <exception cref="InvalidStatementException">Not such a predicate, or with parameters that Builder does not know.</exception>
    public static SlsaProvenance Read(InTotoStatement statement)
    {
        if (statement.PredicateType != TypeUri)
            throw new InvalidStatementException($"the statement is no SLSA provenance but {statement.PredicateType}");
        var definition = JsonFields.Object(statement.Predicate, "buildDefinition");
        var run = JsonFields.Object(statement.Predicate, "runDetails");
        var builder = JsonFields.Object(run, "builder");
        var metadata = JsonFields.ObjectOrNull(run, "metadata") ?? default;
        return new SlsaProvenance
        {
            BuildType = JsonFields.Text(definition, "buildType"),
            External = ExternalParameters.Read(JsonFields.Object(definition, "externalParameters")),
            Internal = ReadMap(definition, "internalParameters"),
            ResolvedDependencies = ResourceDescriptor.ReadList(definition, "resolvedDependencies", MaxDependencies),
            BuilderId = JsonFields.Text(builder, "id"),
            BuilderVersion = ReadMap(builder, "version"),
            InvocationId = JsonFields.Text(metadata, "invocationId"),
            StartedOn = JsonFields.TimeOrNull(metadata, "startedOn"),
            FinishedOn = JsonFields.TimeOrNull(metadata, "finishedOn"),
            Byproducts = ResourceDescriptor.ReadList(run, "byproducts", MaxDependencies),
        };
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, JsonFields.Time(known));
    }

    private static void WriteMap(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> map)
    {
        if (map.Count == 0)
            return;
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static ImmutableSortedDictionary<string, string> ReadMap(JsonElement element, string name)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (JsonFields.ObjectOrNull(element, name) is { } members)
        {
            foreach (var member in members.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.String))
                map[member.Name] = member.Value.GetString() ?? "";
        }
        return map.ToImmutable();
    }
}
