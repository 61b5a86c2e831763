using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Find;
using Builder.Protocol.Values;

namespace Builder.Cli.Advisories;

/// <summary>Asks a site which of its advisories apply to the latest build of a job, or to a build.</summary>
internal static class SiteCheck
{
    /// <summary>Whether a target is meant for a site: no file has that name.</summary>
    public static bool IsMeant(string target) =>
        target != "-" && !Path.Exists(target) && (IsUuid(target) || JobName.TryParse(target, out _, out _));

    /// <returns>The elements of the array that the site answers with.</returns>
    /// <exception cref="CommandException">The site has no such build, or does not know what it contains.</exception>
    public static async Task<List<JsonElement>> AskAsync(Uri site, string target, CancellationToken cancellationToken)
    {
        var path = IsUuid(target) ? $"/build/{target}/advisories" : $"/job/{Uri.EscapeDataString(target)}/build/latest/advisories";
        using var answer =
            await SiteQuestion.AskAsync(site, path, cancellationToken)
            ?? throw new CommandException($"{target}: neither a file, nor a job or build of {site}", ExitCode.Trouble);
        if (
            answer.RootElement.ValueKind != JsonValueKind.Object
            || !answer.RootElement.TryGetProperty("advisories", out var advisories)
            || advisories.ValueKind != JsonValueKind.Array
        )
            throw new CommandException($"{target}: {site} answers something else than advisories", ExitCode.Trouble);
        return
        [
            .. advisories.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.Object).Select(static one => one.Clone()),
        ];
    }

    private static bool IsUuid(string target) => BuildUuid.TryParse(target, out _);
}
