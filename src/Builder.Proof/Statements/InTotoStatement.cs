using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Builder.Analysis.Values;

namespace Builder.Proof.Statements;

/// <summary>An in-toto Statement v1, as it was read from a signed payload.</summary>
/// <param name="Subjects">The artifacts it is about; they match by digest alone.</param>
/// <param name="PredicateType">The URI that says how <paramref name="Predicate"/> is to be read.</param>
public sealed record InTotoStatement(ImmutableArray<ResourceDescriptor> Subjects, string PredicateType, JsonElement Predicate)
{
    public const string Type = "https://in-toto.io/Statement/v1";

    private const int MaxSubjects = 100_000;
    private const int MaxDepth = 64;

    /// <summary>The bytes to sign. Equal contents give equal bytes.</summary>
    public static byte[] Write(IReadOnlyCollection<ResourceDescriptor> subjects, Predicate predicate)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Plain }))
        {
            json.WriteStartObject();
            json.WriteString("_type", Type);
            json.WriteStartArray("subject");
            foreach (var subject in subjects)
                subject.Write(json);
            json.WriteEndArray();
            json.WriteString("predicateType", predicate.Type);
            json.WritePropertyName("predicate");
            predicate.Write(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidStatementException">Not a statement.</exception>
    public static InTotoStatement Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = StrictJson.Parse(payload, MaxDepth);
            var root = document.RootElement;
            if (JsonFields.TextOrNull(root, "_type") is not Type)
                throw new InvalidStatementException($"not an in-toto statement: \"_type\" is not {Type}");
            var subjects = ResourceDescriptor.ReadList(root, "subject", MaxSubjects);
            return subjects.IsEmpty
                ? throw new InvalidStatementException("the statement is about nothing: it has no subject")
                : new InTotoStatement(
                    subjects,
                    JsonFields.Text(root, "predicateType"),
                    JsonFields.ObjectOrNull(root, "predicate")?.Clone() ?? default
                );
        }
        catch (JsonException exception)
        {
            throw new InvalidStatementException($"the statement is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Whether it is about the artifact with this digest.</summary>
    public bool IsAbout(Sha256Digest digest) => Subjects.Any(subject => subject.Sha256 == digest);
}
