namespace Builder.Web.Http;

/// <summary>HEAD works wherever GET does: the server leaves the body out.</summary>
internal static class Verbs
{
    public static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];
}
