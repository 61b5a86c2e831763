using Builder.Objects.Credentials;
using Builder.Objects.Signing;

namespace Builder.Objects.Tests;

/// <summary>Published examples: AWS' signature test suite (service "service") and the S3 API reference ("Examples: signature calculations").</summary>
public sealed class RequestSignerTests
{
    private const string Nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly AccessKey SuiteKey = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    private static readonly AccessKey S3Key = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    private static readonly DateTimeOffset SuiteTime = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset S3Time = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("GET", "/ሴ", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    public void Requests_of_the_test_suite_have_its_signatures(string method, string path, string query, string signature)
    {
        var headers = new Dictionary<string, string> { ["host"] = "example.amazonaws.com", ["x-amz-date"] = "20150830T123600Z" };
        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}",
            new RequestSigner("us-east-1", "service").Authorize(
                method,
                KeyEncoding.EncodePath(path),
                Query(query),
                headers,
                Nothing,
                SuiteKey,
                SuiteTime
            )
        );
    }

    [Fact]
    public void Spaces_in_values_of_headers_count_once()
    {
        var headers = new Dictionary<string, string> { ["my-header1"] = "  a   b  c  ", ["host"] = "h" };
        Assert.Equal(
            $"GET\n/\n\nhost:h\nmy-header1:a b c\n\nhost;my-header1\n{Nothing}",
            RequestSigner.CanonicalRequest("GET", "/", [], headers, Nothing)
        );
    }

    [Fact]
    public void A_get_of_a_range_has_the_signature_of_the_reference() =>
        Assert.EndsWith(
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            Authorize("GET", "/test.txt", "", Nothing, new() { ["range"] = "bytes=0-9" }),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_put_has_the_signature_of_the_reference() =>
        Assert.EndsWith(
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            Authorize(
                "PUT",
                "/test$file.text",
                "",
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                new() { ["date"] = "Fri, 24 May 2013 00:00:00 GMT", ["x-amz-storage-class"] = "REDUCED_REDUNDANCY" }
            ),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Queries_with_and_without_values_have_the_signatures_of_the_reference(string query, string signature) =>
        Assert.EndsWith($"Signature={signature}", Authorize("GET", "/", query, Nothing, []), StringComparison.Ordinal);

    [Fact]
    public void A_presigned_address_has_the_signature_of_the_reference() =>
        Assert.EndsWith(
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            new RequestSigner("us-east-1").Presign(
                "GET",
                "/test.txt",
                [],
                "examplebucket.s3.amazonaws.com",
                TimeSpan.FromSeconds(86400),
                S3Key,
                S3Time
            ),
            StringComparison.Ordinal
        );

    private static string Authorize(string method, string path, string query, string hash, Dictionary<string, string> headers)
    {
        headers["host"] = "examplebucket.s3.amazonaws.com";
        headers["x-amz-content-sha256"] = hash;
        headers["x-amz-date"] = "20130524T000000Z";
        return new RequestSigner("us-east-1").Authorize(method, KeyEncoding.EncodePath(path), Query(query), headers, hash, S3Key, S3Time);
    }

    private static IEnumerable<KeyValuePair<string, string>> Query(string query) =>
        query
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Split('='))
            .Select(static pair => KeyValuePair.Create(pair[0], pair.Length > 1 ? pair[1] : ""));
}
