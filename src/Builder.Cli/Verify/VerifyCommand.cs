using System.CommandLine;
using Builder.Cli.Parsing;

namespace Builder.Cli.Verify;

/// <summary><c>builder verify FILE|URL</c>: whether a file is what signed statements say of it.</summary>
internal static class VerifyCommand
{
    private const int MaxQuorum = 100;

    public static Command Create()
    {
        var target = new Argument<string>("FILE|URL") { Description = "A file, or the URL of an artifact or a build on a Builder site." };
        var site = new Option<Uri?>("--site")
        {
            CustomParser = Values.HttpUrl,
            Description = "Ask this site for statements. Default: the site of the URL; for a file, none.",
            HelpName = "URL",
        };
        var keys = Files("--key", "Believe this public key (PEM), or the keys of a list (builder-keys.json). May be repeated.");
        var root = new Option<string?>("--trusted-root")
        {
            Description = "Believe the logs of this Sigstore trusted root, such as a copy of a site's /trusted_root.json.",
            HelpName = "FILE",
        };
        var policy = new Option<string?>("--policy")
        {
            Description = "What the file must be proven to be, in YAML. Default: no more than who built it.",
            HelpName = "FILE",
        };
        var quorum = new Option<int?>("--quorum")
        {
            Description = "So many rebuilders of the policy must have come to the same bytes. Default: as the policy says.",
            HelpName = "N",
        };
        quorum.Between(1, MaxQuorum);
        var offline = Files(
            "--offline",
            "Statements in a file: an envelope, a Sigstore bundle or .intoto.jsonl. May be repeated. Default: the file of the same name with .sigstore.json or .intoto.jsonl, if there is one and no site."
        );
        var json = new Option<bool>("--json") { Description = "Print the answers as JSON." };
        var command = new Command(
            "verify",
            """
            Check who built a file, from what, and that everybody is told the same.

            Prints an answer a line: ✓ proven, ✗ wrong, ? could not be checked, - for information. The last line is what it
            comes to. The first visit to a site remembers its keys; later visits must show the same ones.

            Examples:
              builder verify https://builds.example.org/job/hello/build/latest
              builder verify hello.hvt --site https://builds.example.org
              builder verify hello.hvt --offline hello.hvt.sigstore.json --key builder.pub --trusted-root trusted_root.json
              builder verify hello.hvt --site https://builds.example.org --policy policy.yaml --quorum 2

            Exit code: 0 all that the policy asks is proven, 1 something is not, 2 it could not be checked.
            """
        )
        {
            target,
            site,
            keys,
            root,
            policy,
            quorum,
            offline,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                TroubleExit.RunAsync(() =>
                    VerifyRun.RunAsync(
                        new VerifyOptions
                        {
                            Target = parsed.GetRequiredValue(target),
                            Site = parsed.GetValue(site),
                            Keys = parsed.GetValue(keys) ?? [],
                            TrustedRoot = parsed.GetValue(root),
                            Policy = parsed.GetValue(policy),
                            Quorum = parsed.GetValue(quorum),
                            Offline = parsed.GetValue(offline) ?? [],
                            IsJson = parsed.GetValue(json),
                            StateDirectory = KnownSites.DefaultDirectory,
                        },
                        Console.Out,
                        cancellationToken
                    )
                )
        );
        return command;
    }

    private static Option<string[]> Files(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "FILE",
            DefaultValueFactory = static _ => [],
        };
}
