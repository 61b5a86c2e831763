using System.CommandLine;
using System.Text;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Opam;
using Builder.Cli.Text;

namespace Builder.Cli.Viz;

/// <summary><c>builder viz</c>: the pictures of a build, without a server.</summary>
internal static class VizCommand
{
    private static readonly Option<FileInfo?> Output = new("--output", "-o")
    {
        Description =
            "Where to write instead of standard output; a name that ends in .html gives a page for every window width, with a table.",
    };

    public static Command Create() =>
        new("viz", "Draw what a binary is made of, and what a build depends on.") { Dependencies(), Treemap() };

    private static Command Treemap()
    {
        var file = new Argument<string>("FILE") { Description = "An ELF file, best with its symbols (NAME.debug)." };
        var stripped = new Option<string?>("--size-of")
        {
            Description = "The stripped binary that FILE belongs to: draw what of FILE is in it, to its size.",
        };
        var old = new Option<string?>("--diff") { Description = "An earlier FILE: draw what came, grew, shrank and went since." };
        var json = new Option<bool>("--json") { Description = "Print the numbers as JSON." };
        var html = new Option<bool>("--html") { Description = "Print a page instead of an SVG." };
        var width = new Option<int>("--width") { Description = "Of the SVG, in pixels.", DefaultValueFactory = _ => 1280 };
        var command = new Command("treemap", "Draw what a binary is made of, as SVG.") { file, stripped, old, json, html, width, Output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(stripped) is not null && result.GetValue(old) is not null)
                result.AddError("--size-of and --diff do not go together: what was stripped from the earlier file is not known.");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var path = parsed.GetRequiredValue(file);
                var options = new TreemapOptions { Title = Path.GetFileName(path), Width = parsed.GetValue(width) };
                var output = parsed.GetValue(Output);
                var asPage = parsed.GetValue(html) || output?.Extension is ".html" or ".htm";
                var size = parsed.GetValue(stripped) is { } strippedPath ? NamedFile.Length(strippedPath) : (long?)null;
                var now = await DissectAsync(path, size, cancellationToken);
                if (parsed.GetValue(old) is { } oldPath)
                {
                    var difference = DissectionDifference.Compare(await DissectAsync(oldPath, null, cancellationToken), now);
                    options = options with { Title = $"{Path.GetFileName(oldPath)} → {Path.GetFileName(path)}" };
                    return await WriteAsync(
                        output,
                        parsed.GetValue(json) ? TreemapJson.Of(difference)
                            : asPage ? Drawing(difference, options, Analysis.Drawing.Treemap.Page)
                            : Drawing(difference, options, Analysis.Drawing.Treemap.Svg),
                        cancellationToken
                    );
                }
                return await WriteAsync(
                    output,
                    parsed.GetValue(json) ? TreemapJson.Of(now)
                        : asPage ? Drawing(now, options, Analysis.Drawing.Treemap.Page)
                        : Drawing(now, options, Analysis.Drawing.Treemap.Svg),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static Command Dependencies()
    {
        var file = new Argument<string>("OPAM-SWITCH") { Description = "A switch export, as builds leave it: opam-switch." };
        var transitive = new Option<bool>("--transitive")
        {
            Description = "Show all that a package reaches, not only what it names itself.",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var text = new Option<bool>("--text") { Description = "Print a line for each package." };
        var dot = new Option<bool>("--dot") { Description = "Print a graph for Graphviz." };
        var html = new Option<bool>("--html") { Description = "Print a page instead of an SVG." };
        var width = new Option<int>("--width") { Description = "Of the SVG, in pixels.", DefaultValueFactory = _ => 1280 };
        var root = SwitchRoot.Option("Draw only what this root package reaches; without it, all roots together.");
        var command = new Command("dependencies", "Draw what the roots of an opam switch depend on, as SVG.")
        {
            file,
            root,
            transitive,
            json,
            text,
            dot,
            html,
            width,
            Output,
        };
        command.Validators.Add(result =>
        {
            if (
                ((bool[])[result.GetValue(json), result.GetValue(text), result.GetValue(dot), result.GetValue(html)]).Count(isAsked =>
                    isAsked
                ) > 1
            )
                result.AddError("Only one of --json, --text, --dot and --html can be printed.");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var graph = await ReadGraphAsync(parsed.GetRequiredValue(file), parsed.GetValue(root), cancellationToken);
                var isTransitive = parsed.GetValue(transitive);
                var options = new DependencyDrawingOptions { Width = parsed.GetValue(width), Transitive = isTransitive };
                var output = parsed.GetValue(Output);
                var bytes =
                    parsed.GetValue(json) ? DependencyText.Json(graph, isTransitive)
                    : parsed.GetValue(text) ? DependencyText.Lines(graph, isTransitive)
                    : parsed.GetValue(dot) ? DependencyText.Dot(graph, isTransitive)
                    : Encoding.UTF8.GetBytes(
                        parsed.GetValue(html) || output?.Extension is ".html" or ".htm"
                            ? DependencyDrawing.Page(graph, options)
                            : DependencyDrawing.Svg(graph, options)
                    );
                return await WriteAsync(output, bytes, cancellationToken);
            }
        );
        return command;
    }

    private static async Task<DependencyGraph> ReadGraphAsync(string path, string? root, CancellationToken cancellationToken)
    {
        await using var stream = await SeekableInput.OpenAsync(path, cancellationToken);
        if (stream.Length > OpamFile.MaximumLength)
            throw new CommandException(
                $"{path}: {stream.Length} bytes are more than any opam file has; at most {OpamFile.MaximumLength} are read"
            );
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        if (!SwitchExport.TryParse(bytes, path, out var export, out var error))
            throw new CommandException(error.Message);
        return DependencyGraph.TryCreate(SwitchRoot.Restrict(export, root, path), out var graph, out var problem)
            ? graph
            : throw new CommandException($"{path}: {problem}");
    }

    private static byte[] Drawing<T>(T what, TreemapOptions options, Func<T, TreemapOptions, string> draw) =>
        Encoding.UTF8.GetBytes(draw(what, options));

    private static async Task<Dissection> DissectAsync(string path, long? strippedSize, CancellationToken cancellationToken)
    {
        await using var stream = await SeekableInput.OpenAsync(path, cancellationToken);
        if (
            !ElfFile.TryRead(stream, out var elf, out var reason)
            || !Dissection.TryDissect(elf, new DissectionOptions { StrippedSize = strippedSize }, out var dissection, out reason)
        )
            throw new CommandException($"{path}: {reason}");
        return dissection;
    }

    private static async Task<int> WriteAsync(FileInfo? output, byte[] bytes, CancellationToken cancellationToken)
    {
        await using var stream = output is null ? StandardOutput.Open() : output.Create();
        await stream.WriteAsync(bytes, cancellationToken);
        return ExitCode.Success;
    }
}
