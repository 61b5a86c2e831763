using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Web.Html;

namespace Builder.Web.Actions;

/// <summary>What operators do with platforms and workers.</summary>
internal static class FarmActionEndpoints
{
    private const string WhoMay =
        "Platforms and workers belong to no one job: that takes the role operator without restriction, and for a token the scope \"operate\".";

    public static void MapFarmActions(this IEndpointRouteBuilder routes)
    {
        MapPlatform("drop", static platform => new Command.DropPlatform(platform));
        MapPlatform("undrop", static platform => new Command.UndropPlatform(platform));
        MapWorker("drain");
        MapWorker("undrain");

        void MapPlatform(string verb, Func<ByteString, Command> command) =>
            routes.MapPost(
                $"/platforms/{verb}",
                (HttpContext http, ServerActions actions) =>
                    actions.RunAsync(
                        http,
                        async (_, form) =>
                        {
                            if (Platform.TryParse(form["platform"] ?? "", out var platform, out var reason))
                                return Of(verb, platform.Value, command(platform.Bytes));
                            await actions.RefuseAsync(http, $"\"platform\": {reason}");
                            return null;
                        }
                    )
            );

        void MapWorker(string verb) =>
            routes.MapPost(
                $"/workers/{verb}",
                (HttpContext http, ServerActions actions) =>
                    actions.RunAsync(
                        http,
                        async (_, form) =>
                        {
                            if (form["worker"] is { } worker)
                                return Of(verb, worker, new Command.Request(ByteString.FromUtf8(verb), Body(worker)));
                            await actions.RefuseAsync(http, "\"worker\" is missing: the worker's name without its address.");
                            return null;
                        }
                    )
            );
    }

    private static ActionRequest Of(string verb, string subject, Command command) =>
        new(verb, subject, static user => user.MayOperate, WhoMay, command, Href.Activity);

    private static ByteString Body(string worker)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("worker", worker);
            json.WriteEndObject();
        }
        return new ByteString(buffer.ToArray());
    }
}
