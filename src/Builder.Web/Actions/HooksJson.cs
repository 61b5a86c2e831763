using System.Text.Json;

namespace Builder.Web.Actions;

/// <summary>Hooks and publications for programs.</summary>
internal static class HooksJson
{
    public static void Write(Utf8JsonWriter json, HooksPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("tasks");
        foreach (var task in page.Tasks)
        {
            json.WriteStartObject();
            json.WriteNumber("id", task.Id);
            json.WriteString("what", HookText.What(task));
            json.WriteString("build", task.Build.ToString());
            json.WriteString("state", task.State.ToString().ToLowerInvariant());
            json.WriteString("time", task.Ended ?? task.Started ?? task.Due);
            json.WriteString("message", task.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
