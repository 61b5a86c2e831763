using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Proof.Statements;

/// <summary>The outcome of a check of an artifact: SLSA verification summary v1, of SLSA 1.2.</summary>
public sealed record VerificationSummary : Predicate
{
    public const string TypeUri = "https://slsa.dev/verification_summary/v1";

    /// <summary>Another build of the same farm came to the same bytes from the same inputs.</summary>
    public const string Reproduced = "BUILDER_REPRODUCED";

    private const string SlsaVersion = "1.2";
    private const int MaxEntries = 1000;

    public override string Type => TypeUri;

    public required string VerifierId { get; init; }

    public required DateTimeOffset TimeVerified { get; init; }

    /// <summary>Where the artifact is had.</summary>
    public required string ResourceUri { get; init; }

    public required string PolicyUri { get; init; }

    /// <summary>The statements that were looked at.</summary>
    public ImmutableArray<ResourceDescriptor> InputAttestations { get; init; } = [];

    public required bool Passed { get; init; }

    /// <summary><c>SLSA_BUILD_LEVEL_2</c>, <c>BUILDER_REPRODUCED</c>, …</summary>
    public ImmutableArray<string> VerifiedLevels { get; init; } = [];

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("verifier");
        json.WriteString("id", VerifierId);
        json.WriteEndObject();
        json.WriteString("timeVerified", JsonFields.Time(TimeVerified));
        json.WriteString("resourceUri", ResourceUri);
        json.WriteStartObject("policy");
        json.WriteString("uri", PolicyUri);
        json.WriteEndObject();
        ResourceDescriptor.WriteList(json, "inputAttestations", InputAttestations);
        json.WriteString("verificationResult", Passed ? "PASSED" : "FAILED");
        json.WriteStartArray("verifiedLevels");
        foreach (var level in VerifiedLevels)
            json.WriteStringValue(level);
        json.WriteEndArray();
        json.WriteString("slsaVersion", SlsaVersion);
        json.WriteEndObject();
    }

    /// <exception cref="InvalidStatementException">Not such a predicate.</exception>
    public static VerificationSummary Read(InTotoStatement statement)
    {
        if (statement.PredicateType != TypeUri)
            throw new InvalidStatementException($"the statement is no verification summary but {statement.PredicateType}");
        var predicate = statement.Predicate;
        return new VerificationSummary
        {
            VerifierId = JsonFields.Text(JsonFields.Object(predicate, "verifier"), "id"),
            TimeVerified = JsonFields.TimeOrNull(predicate, "timeVerified") ?? default,
            ResourceUri = JsonFields.Text(predicate, "resourceUri"),
            PolicyUri = JsonFields.Text(JsonFields.Object(predicate, "policy"), "uri"),
            InputAttestations = ResourceDescriptor.ReadList(predicate, "inputAttestations", MaxEntries),
            Passed = JsonFields.Text(predicate, "verificationResult") == "PASSED",
            VerifiedLevels =
            [
                .. JsonFields
                    .List(predicate, "verifiedLevels", MaxEntries)
                    .Where(static level => level.ValueKind == JsonValueKind.String)
                    .Select(static level => level.GetString()!),
            ],
        };
    }
}
