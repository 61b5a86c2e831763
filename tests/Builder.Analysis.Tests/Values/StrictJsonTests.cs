using System.Text;
using System.Text.Json;
using Builder.Analysis.Values;
using CsCheck;

namespace Builder.Analysis.Tests.Values;

public sealed class StrictJsonTests
{
    public static TheoryData<byte[], string> Refused =>
        new()
        {
            { [.. "{\"a\":\""u8, 0xC3, .. "\"}"u8], "not UTF-8" },
            { [.. "{\""u8, 0xFF, .. "\":1}"u8], "not UTF-8" },
            { "{\"a\":\"\\ud800\"}"u8.ToArray(), "surrogate" },
            { "{\"\\udc00\":1}"u8.ToArray(), "surrogate" },
            { "[\"x\\ud800\\u0041\"]"u8.ToArray(), "surrogate" },
            { "{\"a\":1,\"a\":2}"u8.ToArray(), "a" },
            { "[[[[[1]]]]]"u8.ToArray(), "depth" },
            { "{"u8.ToArray(), "" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_only_looks_like_json_is_refused_where_it_is_read(byte[] json, string reason)
    {
        var exception = Assert.ThrowsAny<JsonException>(() => StrictJson.Parse(json, 4));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Escapes_that_are_text_are_read()
    {
        using var document = StrictJson.Parse("{\"\\u0061\":\"\\ud83d\\ude00 \\\\u\"}"u8.ToArray(), 4);
        Assert.Equal("😀 \\u", document.RootElement.GetProperty("a").GetString());
    }

    [Fact]
    public void Whatever_is_accepted_can_be_read_to_its_end() =>
        Gen
            .Char.Array[0, 12]
            .Select(Gen.Bool)
            .Sample(
                (text, isEscaped) =>
                {
                    var json = isEscaped
                        ? $"[\"{string.Concat(text.Select(one => $"\\u{(int)one:x4}"))}\"]"
                        : JsonSerializer.Serialize(new[] { new string(text) }, StrictJsonTestContext.Default.StringArray);
                    try
                    {
                        using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(json), 4);
                        Assert.NotNull(document.RootElement[0].GetString());
                    }
                    catch (JsonException)
                    {
                        Assert.Contains(text, char.IsSurrogate);
                    }
                }
            );
}
