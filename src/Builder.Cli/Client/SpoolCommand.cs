using System.CommandLine;
using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Client;

/// <summary><c>spool</c>: the finished builds that wait for their upload, and why.</summary>
internal static class SpoolCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var retry = UuidOption("--retry", "Try a build again that is held because the web refused it.");
        var drop = UuidOption("--drop", "Give up the upload of a build that is held. Its file stays in the server's directory.");
        var command = new Command("spool", "List the finished builds that wait for their upload, and why.") { json, retry, drop };
        command.Validators.Add(result =>
        {
            if (result.GetResult(retry) is { Implicit: false } && result.GetResult(drop) is { Implicit: false })
                result.AddError("--retry and --drop cannot be given together");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                if (parsed.GetValue(retry) is { } again)
                    return await ChangeAsync(parsed, "spool-retry", again, "is tried again", cancellationToken);
                if (parsed.GetValue(drop) is { } given)
                    return await ChangeAsync(
                        parsed,
                        "spool-drop",
                        given,
                        "is not uploaded any more; its file stays in the server's directory",
                        cancellationToken
                    );
                using var answer = await ExtendedRequest.AskAsync(
                    ClientOptions.LinkOf(parsed),
                    "spool",
                    "{}"u8.ToArray(),
                    cancellationToken
                );
                if (parsed.GetValue(json))
                    Console.Out.WriteLine(answer.RootElement.GetRawText());
                else
                    Print(answer.RootElement);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Option<BuildUuid?> UuidOption(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "UUID",
            CustomParser = result => ArgumentValues.Uuid(result),
        };

    private static async Task<int> ChangeAsync(
        ParseResult parsed,
        string verb,
        BuildUuid uuid,
        string done,
        CancellationToken cancellationToken
    )
    {
        // A uuid has nothing that JSON escapes.
        var body = Encoding.ASCII.GetBytes($$"""{"uuid": "{{uuid}}"}""");
        using var answer = await ExtendedRequest.AskAsync(ClientOptions.LinkOf(parsed), verb, body, cancellationToken);
        Console.Out.WriteLine($"build {uuid} {done}");
        return ExitCode.Success;
    }

    private static void Print(JsonElement uploads)
    {
        if (uploads.GetArrayLength() == 0)
            Console.Out.WriteLine("nothing waits for upload");
        foreach (var upload in uploads.EnumerateArray())
        {
            var line = $"{Text(upload, "uuid")}  {Text(upload, "job")}  {Text(upload, "platform")}  finished {Text(upload, "finished")}";
            var problem = Text(upload, "problem");
            line += problem.Length == 0 ? "  in work" : $"  tried {upload.GetProperty("attempts").GetInt32()} times: {problem}";
            if (upload.TryGetProperty("held", out var held) && held.GetBoolean())
                line += $"; held: --retry {Text(upload, "uuid")} tries again, --drop {Text(upload, "uuid")} gives it up";
            if (Text(upload, "next_try") is { Length: > 0 } next)
                line += $"; next try {next}";
            Console.Out.WriteLine(VisibleText.Line(line));
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
