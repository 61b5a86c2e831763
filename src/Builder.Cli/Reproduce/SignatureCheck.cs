using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Cli.Verify;
using Builder.Proof.Verifying;

namespace Builder.Cli.Reproduce;

/// <summary>Whether the site's signed statements are about what was fetched.</summary>
internal static class SignatureCheck
{
    /// <returns>One line for the user.</returns>
    /// <exception cref="CommandException">A statement is there and is wrong: what was fetched is not what was signed.</exception>
    public static async Task<string> RunAsync(RecordedBuild recorded, ReproduceOptions options, CancellationToken cancellationToken)
    {
        if (Subject(recorded) is not ({ } path, var digest))
            return "the site shows no artifacts of this build, so no statement can be about them";
        var target = new VerifyTarget(path, digest, recorded.Job, recorded.Uuid.ToString());
        using (var site = new VerifySite(options.Url.Address, handler: null))
        {
            if (await site.StatementsAsync($"{target.Page}/attestations", cancellationToken) is null or { Length: 0 })
                return "the site has signed no statement about this build";
        }
        var report = await VerifyRun.CheckAsync(
            new VerifyOptions
            {
                Target = options.Url.Address.ToString(),
                Known = target,
                Keys = options.TrustedKeys,
                StateDirectory = KnownSites.DefaultDirectory,
            },
            cancellationToken
        );
        if (report.Outcome == CheckOutcome.Failed)
            throw new CommandException($"the signed statements of this build do not hold: {report.Summary}", ExitCode.Trouble);
        if (report.Build?.Script is { } script && script != Sha256Digest.Of(recorded.Script.Span).ToString())
            throw new CommandException(
                $"the script of this build is not the one that its provenance names (SHA-256 {script})",
                ExitCode.Trouble
            );
        return report.Outcome == CheckOutcome.Passed
            ? $"{string.Join("; ", report.Checks.Where(static check => check.Name is "signature" or "log").Select(static check => check.Text))}"
            : report.Summary;
    }

    /// <summary>The main binary, else any output.</summary>
    private static (string? Path, Sha256Digest Digest) Subject(RecordedBuild recorded)
    {
        if (recorded.Files.MainBinary is { } main)
            return (main.ToString(), recorded.Files.Digests[main]);
        return recorded.Files.Outputs.Select(static output => (output.Key.ToString(), output.Value)).FirstOrDefault();
    }
}
