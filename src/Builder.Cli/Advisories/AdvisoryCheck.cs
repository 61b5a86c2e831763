using System.Text;
using System.Text.Json;
using Builder.Analysis.Advisories;
using Builder.Cli.Errors;
using Builder.Cli.Text;

namespace Builder.Cli.Advisories;

/// <summary>One check from the command line: reads the advisories and the targets, matches, prints.</summary>
internal static class AdvisoryCheck
{
    /// <returns>0 none applies, 1 some do, 2 something could not be read; standard error names it.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> targets,
        IReadOnlyList<string> directories,
        Uri? site,
        bool asJson,
        CancellationToken cancellationToken
    )
    {
        var remote = targets.Where(SiteCheck.IsMeant).ToList();
        if (site is null && remote.Count > 0)
            throw new CommandException($"there is no file {remote[0]}; for a job or a build of a site give --site URL", ExitCode.Trouble);
        var files = targets.Except(remote).ToList();
        if (directories.Count == 0 && files.Count > 0)
            throw new CommandException(
                "--advisories DIR is missing; to get them: git clone https://github.com/ocaml/security-advisories",
                ExitCode.Trouble
            );
        var problems = new List<string>();
        var found = new List<(string Target, JsonElement Advisory)>();
        foreach (var target in remote)
            found.AddRange((await SiteCheck.AskAsync(site!, target, cancellationToken)).Select(one => (target, one)));
        var advisories = ReadAdvisories(directories, problems);
        var contents = await CheckedContents.ReadAsync(files, problems, cancellationToken);
        var matcher = new AdvisoryMatcher(advisories);
        var answers = contents.Select(content => new CheckAnswer(content, content.Match(matcher))).ToList();
        await using (var output = StandardOutput.Open())
            await output.WriteAsync(
                asJson
                    ? CheckJson.Of(answers, found, problems)
                    : Encoding.UTF8.GetBytes(CheckText.Of(answers, advisories.Count) + CheckText.Of(remote, found)),
                cancellationToken
            );
        foreach (var problem in problems)
            await Console.Error.WriteLineAsync($"builder: {problem}");
        if (problems.Count > 0)
            return ExitCode.Trouble;
        return found.Count > 0 || answers.Exists(static answer => answer.Matches.Length > 0) ? ExitCode.Found : ExitCode.Success;
    }

    private static List<Advisory> ReadAdvisories(IReadOnlyList<string> directories, List<string> problems)
    {
        var all = new Dictionary<string, Advisory>(StringComparer.Ordinal);
        foreach (var directory in directories)
        {
            var read = AdvisoryFiles.Read(directory, problems.Add);
            if (read.Count == 0 && read.Problems == 0)
                throw new CommandException(
                    $"{directory} holds no advisory: no *.md of the OCaml security team and no *.json of OSV",
                    ExitCode.Trouble
                );
            foreach (var advisory in read.Advisories)
                all[advisory.Id] = advisory;
        }
        return [.. all.Values];
    }
}
