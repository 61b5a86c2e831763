using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Builder.Web.Http;

/// <summary>How our JSON looks: compact, and text in its own script. It is never put into a page, so HTML needs no escaping in it.</summary>
internal static class JsonText
{
    private const string Json = "application/json";

    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Whether the client prefers JSON to <paramref name="other"/> (RFC 9110 section 12.5.1). At equal weight it does where <c>Accept</c> names JSON itself,
    /// as clients of the original do; <c>*/*</c> names nothing, so it gets the page.
    /// </summary>
    public static bool IsWanted(HttpRequest request, string other = "text/html")
    {
        var accept = request.Headers.Accept;
        if (!MayName(accept))
            return false;
        if (accept is [Json])
            return true;
        if (!MediaTypeHeaderValue.TryParseList(accept.ToArray()!, out var ranges))
            return false;
        var json = Preference.For(Json, ranges);
        var alternative = Preference.For(other, ranges);
        return json.Weight > alternative.Weight || (json.Weight > 0 && json.Weight == alternative.Weight && json.IsNamed);
    }

    /// <summary>Spares most requests the parsing.</summary>
    private static bool MayName(StringValues accept)
    {
        foreach (var header in accept)
        {
            if (
                header is not null
                && (
                    header.Contains(Json, StringComparison.OrdinalIgnoreCase)
                    || header.Contains("application/*", StringComparison.OrdinalIgnoreCase)
                )
            )
                return true;
        }
        return false;
    }

    /// <param name="Weight">From 0, not acceptable, to 1.</param>
    /// <param name="IsNamed">The range that decides is the type itself.</param>
    private readonly record struct Preference(double Weight, bool IsNamed)
    {
        private const int Exact = 4;
        private const int WithParameters = 3;
        private const int Subtypes = 2;
        private const int Anything = 1;

        /// <summary>Of all ranges that match, the most specific one decides.</summary>
        public static Preference For(string type, IList<MediaTypeHeaderValue> ranges)
        {
            var best = 0;
            var weight = 0.0;
            foreach (var range in ranges)
            {
                var specificity = Specificity(range, type);
                if (specificity <= best)
                    continue;
                best = specificity;
                weight = range.Quality ?? 1;
            }
            return new Preference(weight, best >= WithParameters);
        }

        private static int Specificity(MediaTypeHeaderValue range, string type)
        {
            if (range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return range.Parameters.All(static parameter => parameter.Name.Equals("q", StringComparison.OrdinalIgnoreCase))
                    ? Exact
                    : WithParameters;
            if (range.MatchesAllTypes)
                return Anything;
            var top = type.AsSpan(0, type.IndexOf('/', StringComparison.Ordinal));
            return range.MatchesAllSubTypesWithoutSuffix && top.Equals(range.Type.AsSpan(), StringComparison.OrdinalIgnoreCase)
                ? Subtypes
                : 0;
        }
    }
}
