using System.Text.Json.Serialization;

namespace Builder.Analysis.Tests.Values;

[JsonSerializable(typeof(string[]))]
internal sealed partial class StrictJsonTestContext : JsonSerializerContext;
