using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Text;

namespace Builder.Cli.Opam;

/// <summary><c>builder opam</c>: reads opam files and switch exports, prints and compares them as opam would, without opam.</summary>
internal static class OpamCommand
{
    public static Command Create() =>
        new("opam", "Read, print and compare opam files and switch exports.")
        {
            CreateCompare(),
            CreateGraph(),
            CreateParse(),
            CreatePrint(),
        };

    private static Command CreateParse()
    {
        var file = new Argument<string>("FILE") { Description = "An opam file or a switch export; - is standard input." };
        var json = new Option<bool>("--json") { Description = "Print the syntax tree as JSON." };
        var command = new Command("parse", "Check a file, and say what is in it and what opam would ignore.") { file, json };
        command.SetAction(
            (parsed, cancellationToken) =>
                RefuseWithReasonAsync(async () =>
                {
                    var path = parsed.GetRequiredValue(file);
                    var opam = OpamFile.Parse(await ReadAsync(path, cancellationToken), path);
                    if (parsed.GetValue(json))
                        await WriteJsonAsync(writer => OpamTreeJson.Write(writer, opam), OpamTreeJson.MaximumDepth, cancellationToken);
                    else
                        await WriteAsync(OpamDescription.Of(path, opam), cancellationToken);
                })
        );
        return command;
    }

    private static Command CreatePrint()
    {
        var file = new Argument<string>("FILE") { Description = "An opam file or a switch export; - is standard input." };
        var command = new Command("print", "Print a file in opam's own layout, without its comments.") { file };
        command.SetAction(
            (parsed, cancellationToken) =>
                RefuseWithReasonAsync(async () =>
                {
                    var path = parsed.GetRequiredValue(file);
                    var opam = OpamFile.Parse(await ReadAsync(path, cancellationToken), path);
                    var printed = new ArrayBufferWriter<byte>();
                    OpamPrinter.Print(opam.Items.AsSpan(), printed);
                    if (!Console.IsOutputRedirected && printed.WrittenCount > 0)
                        printed.Write("\n"u8);
                    await WriteAsync(printed.WrittenMemory, cancellationToken);
                })
        );
        return command;
    }

    private static Command CreateCompare()
    {
        var left = new Argument<string>("LEFT") { Description = "A switch export." };
        var right = new Argument<string>("RIGHT") { Description = "Another one." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var root = SwitchRoot.Option("Compare only what this root package reaches on each side; without it, all that is installed.");
        var command = new Command(
            "compare",
            "Say what differs between two switch exports: packages, versions, opam files, vendored sources."
        )
        {
            left,
            right,
            json,
            root,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RefuseWithReasonAsync(async () =>
                {
                    var (leftPath, rightPath) = (parsed.GetRequiredValue(left), parsed.GetRequiredValue(right));
                    var leftExport = SwitchRoot.Restrict(
                        SwitchExport.Parse(await ReadAsync(leftPath, cancellationToken), leftPath),
                        parsed.GetValue(root),
                        leftPath
                    );
                    var rightExport = SwitchRoot.Restrict(
                        SwitchExport.Parse(await ReadAsync(rightPath, cancellationToken), rightPath),
                        parsed.GetValue(root),
                        rightPath
                    );
                    var comparison = SwitchComparer.Compare(leftExport, rightExport);
                    if (parsed.GetValue(json))
                        await WriteJsonAsync(writer => ComparisonJson.Write(writer, comparison), maximumDepth: 0, cancellationToken);
                    else
                        await WriteAsync(
                            OpamComparisonText.Of(leftPath, leftExport, rightPath, rightExport, comparison),
                            cancellationToken
                        );
                })
        );
        return command;
    }

    private static Command CreateGraph()
    {
        var file = new Argument<string>("SWITCH") { Description = "A switch export; - is standard input." };
        var transitive = new Option<bool>("--transitive")
        {
            Description = "List all that a package reaches, not only what it names itself.",
        };
        var root = SwitchRoot.Option("Print only what this root package reaches; without it, what all roots reach.");
        var command = new Command("graph", "Print what the roots of a switch depend on, a line for each package.")
        {
            file,
            transitive,
            root,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RefuseWithReasonAsync(async () =>
                {
                    var path = parsed.GetRequiredValue(file);
                    var export = SwitchRoot.Restrict(
                        SwitchExport.Parse(await ReadAsync(path, cancellationToken), path),
                        parsed.GetValue(root),
                        path
                    );
                    if (!DependencyGraph.TryCreate(export, out var graph, out var problem))
                        throw new CommandException($"{path}: {problem}");
                    await using var output = new BufferedStream(StandardOutput.Open(), 1 << 16);
                    foreach (var node in graph.Nodes)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        var names = parsed.GetValue(transitive) ? graph.TransitiveDependencies(node.Name) : node.Dependencies;
                        var line = $"{(graph.IsRoot(node.Name) ? "ROOT " : "")}{node.Name}: {string.Join(", ", names)}\n";
                        await output.WriteAsync(Encoding.UTF8.GetBytes(line), cancellationToken);
                    }
                })
        );
        return command;
    }

    // The reason begins with file:line:column, as compilers say it, so that editors can jump there.
    private static async Task<int> RefuseWithReasonAsync(Func<Task> run)
    {
        try
        {
            await run();
            return ExitCode.Success;
        }
        catch (OpamSyntaxException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return ExitCode.Failed;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = await SeekableInput.OpenAsync(path, cancellationToken);
        if (file.Length > OpamFile.MaximumLength)
            throw new CommandException(
                $"{path}: {file.Length} bytes are more than any opam file has; at most {OpamFile.MaximumLength} are read"
            );
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static async Task WriteJsonAsync(Action<Utf8JsonWriter> write, int maximumDepth, CancellationToken cancellationToken)
    {
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = maximumDepth };
        await using var output = new BufferedStream(StandardOutput.Open(), 1 << 16);
        await using (var json = new Utf8JsonWriter(output, options))
            write(json);
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    private static Task WriteAsync(string text, CancellationToken cancellationToken) =>
        WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    private static async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var output = StandardOutput.Open();
        await output.WriteAsync(bytes, cancellationToken);
    }
}
