using System.Globalization;
using System.Text;
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
