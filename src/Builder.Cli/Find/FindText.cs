using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Cli.Text;

namespace Builder.Cli.Find;

/// <summary>The answer for people: a line for each job and platform.</summary>
internal static class FindText
{
    public static string Of(JsonElement places, string what)
    {
        if (places.GetArrayLength() == 0)
            return $"No build contains {what}.\n";
        var text = new StringBuilder();
        foreach (var place in places.EnumerateArray())
        {
            var isAffected = place.GetProperty("affected").GetBoolean();
            var versions = place.GetProperty(isAffected ? "latest_versions" : "versions");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Printable.Of(Text(place, "job"))} on {Printable.Of(Text(place, "platform"))}: {Printable.Of(Versions(versions))}"
            );
            text.Append(
                isAffected
                    ? $" in the latest build {Build(place, "latest")}"
                    : $" last in {Build(place, "last_affected")}{(Build(place, "first_fixed") is { Length: > 0 } first ? $", without since {first}" : "")}"
            );
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Versions(JsonElement versions)
    {
        var text = string.Join(", ", versions.EnumerateArray().Select(static version => version.GetString()));
        return text.Length == 0 ? "linked" : text;
    }

    private static string Build(JsonElement place, string name) =>
        place.TryGetProperty(name, out var build) && build.ValueKind == JsonValueKind.Object
            ? $"{Printable.Of(Text(build, "uuid"))} ({Printable.Of(Text(build, "start_time"))})"
            : "";

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
