using System.Text.Json;

namespace Builder.Proof.Statements;

/// <summary>A build that must not be trusted any more, whatever was signed about it before.</summary>
/// <param name="BuildUuid">The build.</param>
/// <param name="Because">A sentence for people.</param>
public sealed record Retraction(string BuildUuid, string Because, DateTimeOffset At) : Predicate
{
    /// <summary>Builder's own kind: there is no common one.</summary>
    public const string TypeUri = "urn:builder:retraction:v1";

    public const int MaxReasonLength = 2000;

    public override string Type => TypeUri;

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("build", BuildUuid);
        json.WriteString("because", Because);
        json.WriteString("retractedOn", JsonFields.Time(At));
        json.WriteEndObject();
    }

    /// <exception cref="InvalidStatementException">Not such a predicate.</exception>
    public static Retraction Read(InTotoStatement statement) =>
        statement.PredicateType == TypeUri
            ? new Retraction(
                JsonFields.Text(statement.Predicate, "build"),
                JsonFields.Text(statement.Predicate, "because"),
                JsonFields.TimeOrNull(statement.Predicate, "retractedOn") ?? default
            )
            : throw new InvalidStatementException($"the statement is no retraction but {statement.PredicateType}");
}
