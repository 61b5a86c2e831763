using System.CommandLine;
using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Text;

namespace Builder.Cli.Find;

/// <summary><c>builder find symbol NAME</c>: which main binaries on a site have a symbol.</summary>
internal static class FindSymbolCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "As nm prints it, such as caml_ml_z_powm." };
        var site = SiteOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "symbol",
            """
            Say which main binaries have a symbol, or take it from a shared library.

            Functions of OCaml are found with and without the number at the end: camlTls__Engine__f.

            Example:
              builder find symbol mc_sha256_init --site https://builds.example.org

            Exit code: 0 found, 1 not found, 2 no answer.
            """
        )
        {
            name,
            site,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var symbol = parsed.GetRequiredValue(name);
                if (symbol.Length == 0)
                    throw new CommandException("NAME is empty", ExitCode.Trouble);
                using var answer = await SiteQuestion.AskAsync(
                    SiteOption.Require(parsed, site),
                    $"/symbol/{Uri.EscapeDataString(symbol)}",
                    cancellationToken
                );
                await using var output = StandardOutput.Open();
                if (answer is null)
                {
                    await output.WriteAsync(
                        parsed.GetValue(json)
                            ? "{\"places\":[]}\n"u8.ToArray()
                            : Encoding.UTF8.GetBytes($"No main binary has {Printable.Of(symbol)}.\n"),
                        cancellationToken
                    );
                    return ExitCode.Failed;
                }
                var places = answer.RootElement.GetProperty("places");
                await output.WriteAsync(
                    Encoding.UTF8.GetBytes(parsed.GetValue(json) ? $"{answer.RootElement.GetRawText()}\n" : FindText.Of(places, symbol)),
                    cancellationToken
                );
                return places.GetArrayLength() > 0 ? ExitCode.Success : ExitCode.Failed;
            }
        );
        return command;
    }
}
