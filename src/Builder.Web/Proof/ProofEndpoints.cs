using System.Text.Json;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.TransparencyLog;

namespace Builder.Web.Proof;

/// <summary>The page "What is known of this file", and the same for programs.</summary>
internal static class ProofEndpoints
{
    public const string Name = "proof";

    public static void MapProof(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{Name}",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, SiteLog log) =>
                // The log grows without the database.
                pages.RespondUncachedAsync(http, page => AnswerAsync(page, job, build, log))
        );
        routes.MapBundles();
        routes.MapSignatures();
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, string job, string uuid, SiteLog log)
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        var state = await ProofState.ReadAsync(page.Session, build, log, page.Stop);
        var model = new ProofPage(
            page.PageLayout($"What is known of {build.Main?.FileName ?? build.Job}, {Wording.Moment(build.Started)}"),
            build,
            [.. KnownFacts.Of(state)],
            [.. ProofDocuments.Of(state)],
            ProofCommands.Of(state, SiteOrigin.Of(page.Http.Request))
        );
        return page.WantsJson ? Answer.Json(json => Write(json, model)) : await Answer.PageAsync(Proof.Create(model));
    }

    private static void Write(Utf8JsonWriter json, ProofPage page)
    {
        json.WriteStartObject();
        json.WriteString("job", page.Build.Job);
        json.WriteString("uuid", page.Build.Uuid.ToString());
        json.WriteString("file", page.Build.Main?.FileName);
        json.WriteString("sha256", page.Build.Main?.Hash.ToString());
        json.WriteStartArray("facts");
        foreach (var fact in page.Facts)
        {
            json.WriteStartObject();
            json.WriteString("name", fact.Name);
            json.WriteString("state", fact.State);
            json.WriteString("text", fact.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("documents");
        foreach (var document in page.Documents)
        {
            json.WriteStartObject();
            json.WriteString("name", document.Name);
            json.WriteString("address", document.Address);
            json.WriteString("text", document.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
