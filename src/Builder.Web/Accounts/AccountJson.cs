using System.Text.Json;
using Builder.Storage.Accounts;

namespace Builder.Web.Accounts;

/// <summary>An account for programs.</summary>
internal static class AccountJson
{
    public static void Write(Utf8JsonWriter json, AccountPage page)
    {
        json.WriteStartObject();
        json.WriteString("name", page.Visitor.User.Name);
        json.WriteString("role", AccountRoles.NameOf(page.Visitor.User.Role));
        if (page.Visitor.User.IsRestricted)
        {
            json.WriteStartArray("jobs");
            foreach (var job in page.Visitor.User.Jobs)
                json.WriteStringValue(job);
            json.WriteEndArray();
        }
        if (page.Answer.Secret is { } secret)
            json.WriteString("token", secret);
        if (page.Answer.Problem is { } problem)
            json.WriteString("problem", problem);
        json.WriteStartArray("sessions");
        foreach (var session in page.Sessions)
        {
            json.WriteStartObject();
            json.WriteNumber("id", session.Id);
            json.WriteString("way", session.Way);
            json.WriteString("address", session.Address);
            json.WriteString("agent", session.Agent);
            json.WriteString("created", session.Created);
            json.WriteString("seen", session.Seen);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("tokens");
        foreach (var token in page.Tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("name", token.Name);
            json.WriteString("scopes", token.Scopes.ToString());
            json.WriteString("created", token.Created);
            Write(json, "expires", token.Expires);
            Write(json, "seen", token.Seen);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known);
        else
            json.WriteNull(name);
    }
}
