using System.Text.Json.Nodes;
using Builder.Protocol.Der;
using Builder.Testing;

namespace Builder.Protocol.Tests.Messages;

/// <summary>Every form of message, build and state file that the reference system was asked about.</summary>
public sealed class VectorTests
{
    /// <summary>
    /// Builds that the original wrote with paths we never take from a peer: <c>builder inspect</c> shows such a file, the codec that
    /// hands out artifacts refuses it.
    /// </summary>
    private const string OnlyForInspection = "exec-paths.der";

    private static readonly JsonObject[] Manifest =
    [
        .. JsonNode.Parse(Vectors.ReadText("protocol/manifest.json"))!.AsArray().Select(entry => entry!.AsObject()),
    ];

    public static TheoryData<string> Accepted => [.. Of("accept").Where(name => name != OnlyForInspection)];

    public static TheoryData<string> Refused => [.. Of("reject"), OnlyForInspection];

    public static TheoryData<string> Tolerable => [.. Of("either")];

    [Fact]
    public void All_vectors_are_here() => Assert.Equal((223, 223), (Manifest.Length, Vectors.Files("protocol", "*.der").Count()));

    [Theory]
    [MemberData(nameof(Accepted))]
    public void An_accepted_form_has_the_value_of_the_reference_decoder_and_its_canonical_bytes(string file)
    {
        var vector = Find(file);
        var decoded = ProtocolValue.Decode(vector["kind"]!.GetValue<string>(), Vectors.Read($"protocol/{file}"));
        Assert.Equal(vector["value"]!.ToJsonString(), Parse(decoded.ToJson()));
        var canonical = vector["reencoded_b64"] is { } bytes
            ? Convert.FromBase64String(bytes.GetValue<string>())
            : Vectors.Read($"protocol/{file}");
        Assert.Equal(Convert.ToHexString(canonical), Convert.ToHexString(decoded.Encode()));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_refused_form_is_an_error_that_names_place_and_reason(string file)
    {
        var error = Assert.Throws<ProtocolException>(() => Decode(file));
        Assert.Equal(ProtocolErrorReason.Malformed, error.Reason);
        Assert.Matches(@"at byte \d+: \S+", error.Message);
        Assert.InRange(error.Offset!.Value, 0, Vectors.Read($"protocol/{file}").Length);
    }

    [Theory]
    [MemberData(nameof(Tolerable))]
    public void A_form_that_nobody_writes_is_read_or_refused_and_nothing_else(string file)
    {
        var outcome = Record.Exception(() => Decode(file));
        Assert.True(outcome is null or ProtocolException, outcome?.ToString());
    }

    [Theory]
    [InlineData("path-second-bad.bad.der", "jobFinished.data[1].path, at byte 42: artifact path \"\uFFFD\" holds NUL")]
    [InlineData("script-job-5-fields.bad.der", "schedule.job, at byte 21: unexpected UTF8String after the last field")]
    [InlineData("length-4gib.bad.der", "info, at byte 0: [6] claims 4294967295 bytes where 2 are left")]
    [InlineData("legacy-tag8-null.bad.der", "at byte 0: [8] is a message of earlier versions that is not spoken any more")]
    [InlineData("time-utc-month13.bad.der", "reschedule.next, at byte 13: \"261324180000Z\" is not a time of the form yyMMddHHmmssZ")]
    [InlineData("uuid-32-bytes.tol.der", "observe, at byte 4: uuid of 32 bytes; it has 16")]
    public void Errors_read_well(string file, string message) =>
        Assert.Equal(message, Assert.Throws<ProtocolException>(() => Decode(file)).Message);

    [Theory]
    [InlineData("hello-1.full")]
    [InlineData("hello-2.full")]
    [InlineData("fail-0.full")]
    [InlineData("kill-3.full")]
    [InlineData("orb-x-4.full")]
    [InlineData("timeout.full")]
    [InlineData("state-after")]
    [InlineData("state-live")]
    public void Files_of_the_original_server_decode_and_encode_to_the_same_bytes(string file)
    {
        var decoded = ProtocolValue.Decode(
            file.StartsWith("state", StringComparison.Ordinal) ? "state" : "exec",
            Vectors.Read($"full/{file}")
        );
        Assert.Equal(Vectors.Read($"full/{file}"), decoded.Encode());
        if (File.Exists(Vectors.PathOf($"full/{file}.json")))
            Assert.Equal(JsonNode.Parse(Vectors.ReadText($"full/{file}.json"))!["value"]!.ToJsonString(), Parse(decoded.ToJson()));
    }

    private static IEnumerable<string> Of(string ours) =>
        Manifest.Where(vector => vector["ours"]!.GetValue<string>() == ours).Select(vector => vector["file"]!.GetValue<string>());

    private static JsonObject Find(string file) => Manifest.Single(vector => vector["file"]!.GetValue<string>() == file);

    private static ProtocolValue Decode(string file) =>
        ProtocolValue.Decode(Find(file)["kind"]!.GetValue<string>(), Vectors.Read($"protocol/{file}"));

    private static string Parse(string json) => JsonNode.Parse(json)!.ToJsonString();
}
