using Builder.Web.Http;
using Microsoft.AspNetCore.Http;

namespace Builder.Web.Tests.Http;

/// <summary>Conditions of requests for files, by RFC 9110 section 13.</summary>
public sealed class FileVersionTests
{
    private static readonly DateTimeOffset Changed = new(2026, 11, 20, 4, 53, 12, 345, TimeSpan.Zero);

    [Theory]
    [InlineData("Fri, 20 Nov 2026 04:53:12 GMT", true)]
    [InlineData("Friday, 20-Nov-26 04:53:12 GMT", true)]
    [InlineData("Fri Nov 20 04:53:12 2026", true)]
    [InlineData("Fri, 20 Nov 2026 04:53:11 GMT", false)]
    [InlineData("Fri, 20 Nov 2026 04:53:13 GMT", false)]
    [InlineData("\"tag\"", true)]
    [InlineData("W/\"tag\"", false)]
    [InlineData("\"other\"", false)]
    [InlineData("tag", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void A_range_is_of_this_version_only(string condition, bool isAllowed)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.IfRange = condition;
        Assert.Equal(isAllowed, new FileVersion("\"tag\"", Changed, NeverChanges: false).AllowsRange(request));
    }

    /// <summary>It could have changed again since the client got it, within the same second.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_date_of_what_changed_within_this_second_allows_a_range_only_where_it_never_changes_again(bool neverChanges)
    {
        var now = TimeProvider.System.GetUtcNow();
        var version = new FileVersion("\"tag\"", now, neverChanges);
        var request = new DefaultHttpContext().Request;
        request.Headers.IfRange = version.LastModified!.Value.ToString("R");
        var isAllowed = version.AllowsRange(request);
        Assert.True(isAllowed == neverChanges || TimeProvider.System.GetUtcNow() >= version.LastModified.Value.AddSeconds(1));
    }

    [Fact]
    public void A_date_in_the_future_is_not_sent() =>
        Assert.Null(new FileVersion("\"tag\"", TimeProvider.System.GetUtcNow().AddHours(1), NeverChanges: true).LastModified);

    [Theory]
    [InlineData("If-Modified-Since", "Fri, 20 Nov 2026 04:53:12 GMT", 304)]
    [InlineData("If-Modified-Since", "Fri, 20 Nov 2026 05:00:00 GMT", 304)]
    [InlineData("If-Modified-Since", "Fri, 20 Nov 2026 04:53:11 GMT", 200)]
    [InlineData("If-Modified-Since", "yesterday", 200)]
    [InlineData("If-Unmodified-Since", "Fri, 20 Nov 2026 04:53:12 GMT", 200)]
    [InlineData("If-Unmodified-Since", "Fri, 20 Nov 2026 04:53:11 GMT", 412)]
    public void A_date_tells_whether_the_client_has_this_version(string header, string date, int status)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers[header] = date;
        Assert.Equal(status != 200, new FileVersion("\"tag\"", Changed, NeverChanges: false).TryAnswer(http));
        Assert.Equal(status, http.Response.StatusCode);
    }

    [Theory]
    [InlineData("If-None-Match", "\"other\"", "If-Modified-Since", "Fri, 20 Nov 2026 05:00:00 GMT")]
    [InlineData("If-Match", "\"tag\"", "If-Unmodified-Since", "Thu, 19 Nov 2026 05:00:00 GMT")]
    public void Beside_a_tag_a_date_counts_for_nothing(string tagHeader, string tag, string dateHeader, string date)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers[tagHeader] = tag;
        http.Request.Headers[dateHeader] = date;
        Assert.False(new FileVersion("\"tag\"", Changed, NeverChanges: false).TryAnswer(http));
    }
}
