using System.CommandLine;
using Builder.Analysis.Difference;
using Builder.Cli.Parsing;
using Builder.Protocol.Text;

namespace Builder.Cli.Diff;

/// <summary><c>builder diff LEFT RIGHT</c>: why two files, directories or builds are not the same.</summary>
internal static class DiffCommand
{
    /// <summary>Deeper archives are rare; each level costs stack and temporary files.</summary>
    private const int MaxDepth = 64;

    public static Command Create()
    {
        var left = Side("LEFT", "A file, a directory, - for standard input, or the URL of a build or an artifact on a Builder site.");
        var right = Side("RIGHT", "What to compare it with; the same kinds.");
        var format = new Option<DiffFormat?>("--format")
        {
            Description = "How to print the answer. Default: by the ending of the --output file (.json, .html), else text.",
            HelpName = "text|json|html",
        };
        format.OneOf(("text", DiffFormat.Text), ("json", DiffFormat.Json), ("html", DiffFormat.Html));
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Write to FILE instead of standard output. The file appears only when it is complete.",
            HelpName = "FILE",
        };
        var exclude = new Option<CauseKind[]>("--exclude")
        {
            Description = $"Leave out differences with this cause. May be repeated. One of: {string.Join(", ", CauseNames.All)}.",
            HelpName = "CAUSE",
            DefaultValueFactory = _ => [],
            CustomParser = static result =>
            {
                var kinds = new List<CauseKind>();
                foreach (var token in result.Tokens)
                {
                    if (CauseNames.TryParse(token.Value, out var kind))
                        kinds.Add(kind);
                    else
                        result.AddError($"--exclude {token.Value} is not one of {string.Join(", ", CauseNames.All)}");
                }
                return [.. kinds];
            },
        };
        exclude.CompletionSources.Add([.. CauseNames.All]);
        var depth = new Option<int?>("--max-depth")
        {
            Description = "How deep to open archives in archives. 0 opens none. Default: 16.",
            HelpName = "N",
        };
        depth.Between(0, MaxDepth);
        var time = new Option<TimeSpan?>("--time-limit")
        {
            Description = "Stop after this time and say what was not compared. Such as 90s, 30m, 2h. Default: 60s.",
            HelpName = "DURATION",
            CustomParser = static result =>
            {
                if (DurationText.TryParse(result.Tokens[0].Value, out var duration))
                    return duration;
                result.AddError($"--time-limit: \"{result.Tokens[0].Value}\" is not a time such as 90s, 30m or 2h");
                return null;
            },
        };
        var color = new Option<ColorChoice>("--color")
        {
            Description = "Colours in text. auto: on a terminal, unless NO_COLOR is set. Default: auto.",
            HelpName = "auto|always|never",
        };
        color.OneOf(("auto", ColorChoice.Auto), ("always", ColorChoice.Always), ("never", ColorChoice.Never));
        var command = new Command(
            "diff",
            """
            Say why two files, directories or builds differ.

            Opens archives and packages as deep as they nest, compares programs by function, and names each cause with
            evidence and a fix: timestamp, build-path, random, ordering, file-metadata, host, locale, compression, code, content.

            Examples:
              builder diff old.deb new.deb
              builder diff first/ second/ --exclude file-metadata
              curl -s https://example.org/x.tar.gz | builder diff - x.tar.gz
              builder diff https://builds.example.org/job/J/build/UUID https://builds.example.org/job/J/build/UUID
              builder diff old.deb new.deb --output why.html

            Exit code: 0 same, 1 different, 2 trouble. What --exclude leaves out does not count as different.
            """
        )
        {
            left,
            right,
            format,
            output,
            exclude,
            depth,
            time,
            color,
        };
        var usual = new DifferenceLimits();
        command.Validators.Add(result =>
        {
            if (result.GetValue(left) == "-" && result.GetValue(right) == "-")
                result.AddError("LEFT and RIGHT are both -; only one side can be standard input");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                TroubleExit.RunAsync(() =>
                    DiffRun.RunAsync(
                        new DiffOptions
                        {
                            Left = parsed.GetRequiredValue(left),
                            Right = parsed.GetRequiredValue(right),
                            Format = parsed.GetValue(format) ?? DiffOptions.FormatOf(parsed.GetValue(output)),
                            Output = parsed.GetValue(output),
                            Excluded = (parsed.GetValue(exclude) ?? []).ToHashSet(),
                            Limits = new DifferenceLimits
                            {
                                MaxDepth = parsed.GetValue(depth) ?? usual.MaxDepth,
                                MaxTime = parsed.GetValue(time) ?? usual.MaxTime,
                            },
                            Color = parsed.GetValue(color),
                        },
                        cancellationToken
                    )
                )
        );
        return command;
    }

    private static Argument<string> Side(string name, string description) => new(name) { Description = description };
}
