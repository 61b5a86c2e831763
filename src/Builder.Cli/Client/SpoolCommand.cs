using System.CommandLine;
using System.Text.Json;
using Builder.Protocol.Text;

namespace Builder.Cli.Client;

/// <summary><c>spool</c>: the finished builds that wait for their upload, and why.</summary>
internal static class SpoolCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("spool", "List the finished builds that wait for their upload, and why.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var answer = await ExtendedRequest.AskAsync(ClientOptions.LinkOf(parsed), "spool", "{}"u8.ToArray(), cancellation);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(answer.RootElement.GetRawText());
            else
                Print(answer.RootElement);
            return ExitCode.Success;
        });
        return command;
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
            if (Text(upload, "next_try") is { Length: > 0 } next)
                line += $"; next try {next}";
            Console.Out.WriteLine(VisibleText.Line(line));
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
