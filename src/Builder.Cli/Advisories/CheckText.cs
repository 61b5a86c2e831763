using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Analysis.Advisories;
using Builder.Cli.Text;

namespace Builder.Cli.Advisories;

/// <summary>The answer for people: a line for each advisory, then how many were looked at.</summary>
internal static class CheckText
{
    public static string Of(IReadOnlyList<CheckAnswer> answers, int advisories)
    {
        var text = new StringBuilder();
        foreach (var answer in answers)
        {
            if (answers.Count > 1)
                text.Append(CultureInfo.InvariantCulture, $"{Printable.Of(answer.Content.Name)}:\n");
            foreach (var match in answer.Matches)
                text.Append(Line(match)).Append('\n');
            var applying = answer.Matches.Select(static match => match.Advisory.Id).Distinct(StringComparer.Ordinal).Count();
            text.Append(
                CultureInfo.InvariantCulture,
                $"{applying} of {advisories} advisories apply to {answer.Content.Packages.Length} packages\n"
            );
        }
        return text.ToString();
    }

    /// <summary>What a site answered.</summary>
    public static string Of(IEnumerable<string> targets, IReadOnlyList<(string Target, JsonElement Advisory)> found)
    {
        var text = new StringBuilder();
        foreach (var target in targets)
        {
            var own = found.Where(one => one.Target == target).Select(static one => one.Advisory).ToList();
            foreach (var one in own)
                text.Append(
                        Printable.Of(
                            $"{Field(one, "id")}: {Field(one, "package")} {Field(one, "version")}: {Field(one, "title")} ({(Field(one, "fixed") is { Length: > 0 } bound ? $"fixed in {bound}" : "no fixed version named")})"
                        )
                    )
                    .Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"{Printable.Of(target)}: {own.Count} advisories apply\n");
        }
        return text.ToString();
    }

    private static string Field(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Line(AdvisoryMatch match)
    {
        var package = $"{match.Package.Name} {match.Package.Version ?? "(version unknown)"}";
        var how = match.Package.Way == PackageWay.Vendored ? ", vendored" : "";
        var solution = match.Fixed is null ? "no fixed version named" : $"fixed in {match.Fixed}";
        var linked = match.IsModuleLinked switch
        {
            true => "; the affected module is linked",
            false => "; contains the package, the affected module is not linked",
            null => "",
        };
        return Printable.Of($"{match.Advisory.Id}: {package}{how}: {match.Advisory.Title} ({solution}{linked})");
    }
}
