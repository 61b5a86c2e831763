using System.Text.Json.Serialization;

namespace Builder.Publishing.Attestation;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    MaxDepth = 8,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(SignerRequest))]
[JsonSerializable(typeof(SignerAnswer))]
internal sealed partial class SignerJson : JsonSerializerContext;
