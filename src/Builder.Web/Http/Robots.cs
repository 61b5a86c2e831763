namespace Builder.Web.Http;

/// <summary>Robots stay away from what is large or costs work.</summary>
internal static class Robots
{
    private const string Rules = """
        User-agent: *
        Disallow: /job/*/build/*/f/
        Disallow: /job/*/build/*/main-binary
        Disallow: /job/*/build/*/script
        Disallow: /job/*/build/*/console
        Disallow: /job/*/build/*/log
        Disallow: /job/*/build/*/all.tar.gz
        Disallow: /job/*/build/*/exec
        Disallow: /job/*/build/*/viz
        Disallow: /compare/
        Disallow: /search
        Disallow: /tlog/
        Disallow: /log/entry/
        Disallow: /activity

        """;

    private static readonly Answer Answer = Answer.Text(Rules);

    public static void MapRobots(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/robots.txt", Verbs.Read, static (HttpContext http) => Answer.SendAsync(http)).ExcludeFromDescription();
}
