using System.Text.Json.Nodes;

namespace Builder.Web.Tests;

/// <summary>
/// The answers of the reference program, case by case: status, main headers and whatever is not a page are the same, but for the cases
/// in <see cref="Differences"/>, each with its reason.
/// </summary>
public sealed class ReferenceTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private const string Slash = "a trailing slash redirects to the address without (spec)";
    private const string Decoded = "parts of paths are percent-decoded (spec)";
    private const string ByJob = "a job page lists this job's builds only (spec)";
    private const string WrongJob = "a build asked for under another job's name is not found (spec)";
    private const string Trailing = "what follows the 36 characters of a uuid is part of it, so there is no such build (spec)";
    private const string Conditional = "a quoted, weak or listed If-None-Match matches (spec)";
    private const string Drawn =
        "our own drawings take the place of the reference's soon after the start; those in the vectors' cache are place-holders";
    private const string NotAHash = "what is no hash is a bad request (spec)";
    private const string Refused = "the HTTP server refuses NUL and asterisks in paths before anybody sees them";
    private const string DotSegments = "dot segments are resolved before routing (RFC 3986, 6.2.2.3)";
    private const string Method = "a method that an address does not have is answered with those it has (RFC 9110, 15.5.6)";
    private const string Robots = "robots stay away from what ours has beyond the reference, too";
    private const string Preferred = "media ranges are weighed (RFC 9110, 12.5.1)";
    private const string Failure = "ours says why a build failed";
    private const string Reason = "ours says why a build is not reproducible";
    private const string Logo = "the operator's logos are no part of the program";

    /// <summary>Name of the case, or its beginning with a star, the status of ours, and why it is not the reference's.</summary>
    private static readonly (string Name, int Status, string Reason)[] Differences =
    [
        ("all-builds-slash", 308, Slash),
        ("failed-builds-slash", 308, Slash),
        ("build-slash", 308, Slash),
        ("compare-slash", 308, Slash),
        ("sub/console/", 308, Slash),
        ("sub/exec/", 308, Slash),
        ("misc-/robots.txt/", 308, Slash),
        ("file-", 308, Slash),
        ("file-bin/", 308, Slash),
        ("job-json-hello", 200, ByJob),
        ("job-failed-json-hello", 200, ByJob),
        ("job-json-zero-bin", 200, ByJob),
        ("build-json-hello-d2", 200, Reason),
        ("build-json-hello-d5", 200, Reason),
        ("build-json-hello-d4", 200, Failure),
        ("build-json-hello-f2", 200, Failure),
        ("build-json-alb-f2", 200, Failure),
        ("build-json-multibin", 200, Failure),
        ("failed-builds-json", 200, "ours answers programs with JSON"),
        ("job-percent", 200, Decoded),
        ("file-bin%2fhello.hvt", 200, Decoded),
        ("file2-weird%20name%20%231%3F.txt", 200, Decoded),
        ("latest-f/../../x", 404, DotSegments),
        ("misc-/./job/hello", 200, DotSegments),
        ("misc-/job/../job/hello", 200, DotSegments),
        ("latest-anything/at/all?platform=freebsd-14", 307, "the query is carried along with the path (spec)"),
        ("build-wrong-job", 404, WrongJob),
        ("build-wrong-job-json", 404, WrongJob),
        ("uuid-trail*", 404, Trailing),
        ("file-bin//hello.hvt", 404, "a file has one address"),
        ("file-a%00b", 400, Refused),
        ("misc-/a%00b", 400, Refused),
        ("misc-*", 405, Refused),
        ("root-post", 405, Method),
        ("root-delete", 405, Method),
        ("badmethod", 405, Method),
        ("absolute-form", 400, "the authority of an absolute-form target has to be the Host (RFC 9112, 3.2.2)"),
        ("file-if-none-match-match-quoted", 304, Conditional),
        ("file-if-none-match-match-weak", 304, Conditional),
        ("file-if-none-match-list", 304, Conditional),
        ("file-if-modified", 304, "files have a Last-Modified (RFC 9110, 13.1.3)"),
        ("root-accept-APPLICATION/JSON", 200, Preferred),
        ("root-accept-application/json;q=0", 200, Preferred),
        ("root-accept-application/*", 200, Preferred),
        ("file-range", 206, "ranges are honoured (spec)"),
        ("sub/all.tar.gz", 200, "all artifacts can be had as one archive (spec)"),
        ("sub/exec", 200, "console times are read exactly; the reference takes them through floating point and loses a nanosecond"),
        ("sub/viztreemap", 200, Drawn),
        ("sub/vizdependencies", 200, Drawn),
        ("viz-hello-d5/viztreemap", 200, Drawn),
        ("viz-hello-f2/vizdependencies", 200, Drawn),
        ("viz-dns-d2/vizdependencies", 200, Drawn),
        ("compare-pinned", 200, "pinned and compiler entries do not break the comparison (spec)"),
        ("compare-pinned-json", 200, "pinned and compiler entries do not break the comparison (spec)"),
        ("hash-nonhex", 400, NotAHash),
        ("hash-twice", 400, NotAHash),
        ("hash-spaces", 400, NotAHash),
        ("hash-long", 400, NotAHash),
        ("misc-/robots.txt", 200, Robots),
        ("http10", 200, Robots),
        ("get-with-*", 200, Robots),
        ("misc-/img/robur-logo.png", 404, Logo),
        ("misc-/img/robur-logo-black-writing.png", 404, Logo),
        ("img-etag-*", 404, Logo),
    ];

    public static TheoryData<string> Cases => [.. Reading.Select((_, index) => Label(index))];

    private static IReadOnlyList<ReferenceCase> Reading { get; } = [.. ReferenceCase.All.Where(one => one.Phase == "read")];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Answers_as_the_reference_did_unless_a_reason_is_given(string label)
    {
        var one = Reading[int.Parse(label[..3], System.Globalization.CultureInfo.InvariantCulture)];
        var answer = await one.SendAsync(filled.Site.Web.Address, TestContext.Current.CancellationToken);
        var difference = Array.Find(
            Differences,
            known =>
                known.Name.EndsWith('*') && known.Name != "misc-*"
                    ? one.Name.StartsWith(known.Name[..^1], StringComparison.Ordinal)
                    : known.Name == one.Name
        );
        if (difference.Reason is not null)
        {
            Assert.Equal(difference.Status, answer.Status);
            return;
        }
        Assert.Equal(one.Status, answer.Status);
        if (one.Status < 400)
            Assert.Equal(one.Header("content-type"), answer.Header("Content-Type"));
        Assert.Equal(one.Header("location"), answer.Header("Location"));
        if (one.Header("etag") is { } etag && one.Target.Contains("/f/", StringComparison.Ordinal))
            Assert.Equal(etag, answer.Header("ETag")?.Trim('"'));
        if (one.Body is null || one.Status >= 400)
            return;
        if (one.Header("content-type") == "application/json")
        {
            var expected = WithSidesAsNamed(JsonNode.Parse(one.Body)!);
            Assert.Equal(Canonical(expected), Canonical(JsonNode.Parse(answer.Body)!));
        }
        else
            Assert.Equal(one.Body, answer.Body);
    }

    /// <summary>The reference has left_packages and right_packages the wrong way round; ours are as their names say (spec).</summary>
    private static JsonNode WithSidesAsNamed(JsonNode json)
    {
        foreach (var list in new[] { "env_diff", "package_diff" })
        {
            if (json is not JsonObject whole || whole[list] is not JsonObject difference)
                continue;
            var (left, right) = (difference["left_packages"]!.DeepClone(), difference["right_packages"]!.DeepClone());
            difference["left_packages"] = right;
            difference["right_packages"] = left;
        }
        return json;
    }

    /// <summary>
    /// Members of objects in the order of their names, and without the text of diffs: this reference leaves fields without effect out of
    /// them, the one for opam files prints them. Ours follows the latter, whose vectors are checked where opam files are compared.
    /// </summary>
    private static string Canonical(JsonNode json) => Sorted(json)!.ToJsonString();

    private static JsonNode? Sorted(JsonNode? json) =>
        json switch
        {
            JsonObject members => new JsonObject(
                members
                    .OrderBy(member => member.Key, StringComparer.Ordinal)
                    .Select(member => KeyValuePair.Create(member.Key, member.Key == "diff" ? null : Sorted(member.Value)))
            ),
            JsonArray items => new JsonArray([.. items.Select(Sorted)]),
            _ => json?.DeepClone(),
        };

    private static string Label(int index) => $"{index:000} {Reading[index].Name}";
}
