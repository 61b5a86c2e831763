using System.Text.Json;
using Builder.Storage.Accounts;

namespace Builder.Web.Accounts;

/// <summary>All accounts for programs.</summary>
internal static class AccountsJson
{
    public static void Write(Utf8JsonWriter json, AccountsPage page)
    {
        json.WriteStartObject();
        if (page.Problem is { } problem)
            json.WriteString("problem", problem);
        json.WriteStartArray("accounts");
        foreach (var user in page.Users)
        {
            json.WriteStartObject();
            json.WriteString("name", user.Name);
            json.WriteString("role", AccountRoles.NameOf(user.Role));
            json.WriteBoolean("restricted", user.IsRestricted);
            json.WriteBoolean("disabled", user.IsDisabled);
            json.WriteStartArray("jobs");
            foreach (var job in user.Jobs)
                json.WriteStringValue(job);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
