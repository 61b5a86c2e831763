using System.Globalization;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Web.Html;

namespace Builder.Web.Actions;

/// <summary>What operators do with jobs and running builds.</summary>
internal static class JobActionEndpoints
{
    private const string WhoMay =
        "Your account may not run this job: that takes the role operator, and for a restricted account or a token the job's name.";

    public static void MapJobActions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/job/{job}/run",
            (HttpContext http, string job, ServerActions actions) =>
                actions.RunAsync(
                    http,
                    async (_, form) =>
                    {
                        if (await NameAsync(http, actions, job) is not { } name)
                            return null;
                        ByteString? platform = null;
                        if (form["platform"] is { } text)
                        {
                            if (!Platform.TryParse(text, out var parsed, out var reason))
                            {
                                await actions.RefuseAsync(http, $"\"platform\": {reason}");
                                return null;
                            }
                            platform = parsed.Bytes;
                        }
                        return Of(name, "run", new Command.Execute(name.Bytes, platform));
                    }
                )
        );
        routes.MapPost(
            "/job/{job}/reschedule",
            (HttpContext http, string job, ServerActions actions) =>
                actions.RunAsync(
                    http,
                    async (_, form) =>
                    {
                        if (await NameAsync(http, actions, job) is not { } name)
                            return null;
                        if (form["next"] is not { } next || !TryTime(next, out var time))
                        {
                            await actions.RefuseAsync(http, $"\"next\": \"{form["next"]}\" is not a time such as 2026-11-23T04:00:00Z");
                            return null;
                        }
                        Period? period = null;
                        if (form["period"] is { } text)
                        {
                            if (!Enum.TryParse<Period>(text, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
                            {
                                await actions.RefuseAsync(http, $"\"period\": \"{text}\" is unknown; use hourly, daily, weekly or never");
                                return null;
                            }
                            period = parsed;
                        }
                        return Of(name, "reschedule", new Command.Reschedule(name.Bytes, time, period));
                    }
                )
        );
        routes.MapPost("/activity/{build}/cancel", CancelAsync);
    }

    private static Task CancelAsync(HttpContext http, string build, ServerActions actions) =>
        actions.RunAsync(
            http,
            async (_, _) =>
            {
                if (
                    !BuildUuid.TryParse(build, out var uuid)
                    || (await actions.Activity.CurrentAsync(http.RequestAborted)).Info?.Running.FirstOrDefault(one => one.Uuid == uuid)
                        is not { } running
                    || !JobName.TryParse(running.Job.Name.ToString(), out var name, out _)
                )
                {
                    await actions.RefuseAsync(http, "No such build is running.", StatusCodes.Status404NotFound);
                    return null;
                }
                return Of(name, "cancel", new Command.Cancel(uuid)) with { Subject = $"{name} {uuid}", Page = Href.Activity };
            }
        );

    private static async Task<JobName?> NameAsync(HttpContext http, ServerActions actions, string job)
    {
        if (JobName.TryParse(job, out var name, out var reason))
            return name;
        await actions.RefuseAsync(http, $"\"{job}\" is no job's name: {reason}");
        return null;
    }

    private static ActionRequest Of(JobName name, string action, Command command) =>
        new(action, name.Value, user => user.MayAct(name), WhoMay, command, Href.Job(name.Value));

    /// <summary>RFC 3339, or without a zone as the field of a browser gives it: then it is UTC.</summary>
    private static bool TryTime(string text, out Timestamp time)
    {
        string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        var isTime = DateTimeOffset.TryParseExact(
            text,
            forms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var parsed
        );
        time = Timestamp.From(parsed);
        return isTime;
    }
}
