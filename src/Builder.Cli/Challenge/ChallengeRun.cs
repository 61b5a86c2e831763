using System.Security.Cryptography;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Cli.Find;

namespace Builder.Cli.Challenge;

/// <summary>Collects builds from sites and puts those of the same inputs side by side.</summary>
internal sealed class ChallengeRun(IReadOnlyList<Uri> sites)
{
    private const int MaxBuilds = 500;

    /// <exception cref="CommandException">A site does not answer, or none knows the file.</exception>
    public async Task<IReadOnlyList<Comparison>> CompareAsync(string target, CancellationToken cancellationToken)
    {
        var digest = await DigestOfAsync(target, cancellationToken);
        var job = digest is { } file ? await JobOfAsync(file, cancellationToken) : target;
        var builds = new List<SiteBuild>();
        foreach (var site in sites)
            builds.AddRange(await BuildsAsync(site, job, cancellationToken));
        return
        [
            .. builds
                .GroupBy(static build => (build.Job, build.Platform, build.InputId))
                .Where(group => digest is null || group.Any(build => build.Digest == digest))
                .Where(group => digest is not null || group.Select(static build => build.Site).Distinct().Count() > 1)
                .Select(static group => new Comparison(group.Key.Job, group.Key.Platform, group.Key.InputId, [.. group])),
        ];
    }

    /// <summary>Null where the target is a job.</summary>
    private static async Task<Sha256Digest?> DigestOfAsync(string target, CancellationToken cancellationToken)
    {
        if (Sha256Digest.TryParse(target, out var given))
            return given;
        if (!File.Exists(target))
            return target.Contains('/', StringComparison.Ordinal)
                ? throw new CommandException($"there is no file {target}", ExitCode.Trouble)
                : null;
        await using var file = File.OpenRead(target);
        return Sha256Digest.FromBytes(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private async Task<string> JobOfAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        foreach (var site in sites)
        {
            // The site leads to the page of the build, whose JSON names the job.
            using var build = await SiteQuestion.AskAsync(site, $"/hash?sha256={digest}", cancellationToken);
            if (
                build is { RootElement.ValueKind: JsonValueKind.Object }
                && build.RootElement.TryGetProperty("job", out var job)
                && job.GetString() is { Length: > 0 } name
            )
                return name;
        }
        throw new CommandException($"none of the sites has a file with SHA-256 {digest}", ExitCode.Trouble);
    }

    private static async Task<IReadOnlyList<SiteBuild>> BuildsAsync(Uri site, string job, CancellationToken cancellationToken)
    {
        var path = $"/rebuilders/builds?job={Uri.EscapeDataString(job)}&count={MaxBuilds}";
        using var answer =
            await SiteQuestion.AskAsync(site, path, cancellationToken)
            ?? throw new CommandException(
                $"{site.Authority} does not list builds: no Builder site, or an earlier version",
                ExitCode.Trouble
            );
        try
        {
            return
            [
                .. answer
                    .RootElement.GetProperty("builds")
                    .EnumerateArray()
                    .Select(build => new SiteBuild(
                        site,
                        Text(build, "job"),
                        Text(build, "uuid"),
                        Text(build, "platform"),
                        Text(build, "input_id"),
                        Sha256Digest.TryParse(build.GetProperty("sha256").GetString(), out var digest) ? digest : null
                    )),
            ];
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandException($"the answer of {site.Authority} cannot be read: {exception.Message}", ExitCode.Trouble);
        }
    }

    private static string Text(JsonElement build, string name) => build.GetProperty(name).GetString() ?? "";
}
