using System.CommandLine;
using System.Text;
using System.Text.Json;
using Builder.Analysis.Advisories;
using Builder.Cli.Errors;
using Builder.Cli.Text;

namespace Builder.Cli.Find;

/// <summary><c>builder find package|module|symbol|text</c>: which builds on a site contain something.</summary>
internal static class FindCommand
{
    public static Command Create() =>
        new("find", "Ask a site which builds contain a package, link a module or a symbol, or said a line.")
        {
            CreateOne(
                "package",
                "PACKAGE",
                "ECOSYSTEM:NAME, with a version if need be: opam:tls, 'opam:tls<1.0.4', 'deb:libgmp10=2:6.2.1*', or a package URL.",
                """
                Say which jobs contain a package, and whether their latest builds still do.

                Ecosystems: opam, deb, pkg (FreeBSD), cargo, golang, sources, module, lib (libraries in binaries).

                Examples:
                  builder find package 'opam:tls<1.0.4' --site https://builds.example.org
                  builder find package pkg:opam/tls@1.0.4 --json

                Exit code: 0 found, 1 not found, 2 no answer.
                """,
                static text => PackageExpression.TryParse(text, out var expression) ? expression : null
            ),
            CreateOne(
                "module",
                "MODULE",
                "An OCaml module as it is linked, such as Mirage_crypto_ec or Stdlib__Bigarray.",
                """
                Say which main binaries link an OCaml module.

                Example:
                  builder find module Mirage_crypto_ec --site https://builds.example.org

                Exit code: 0 found, 1 not found, 2 no answer.
                """,
                static text => PackageExpression.TryParse($"module:{text}", out var expression) ? expression : null
            ),
            FindSymbolCommand.Create(),
            FindTextCommand.Create(),
        };

    private static Command CreateOne(
        string name,
        string argumentName,
        string argumentDescription,
        string description,
        Func<string, PackageExpression?> read
    )
    {
        var argument = new Argument<string>(argumentName) { Description = argumentDescription };
        var site = SiteOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(name, description) { argument, site, json };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var text = parsed.GetRequiredValue(argument);
                var expression =
                    read(text)
                    ?? throw new CommandException(
                        $"\"{text}\" is not {argumentDescription[..1].ToLowerInvariant()}{argumentDescription[1..]}",
                        ExitCode.Trouble
                    );
                var address = SiteOption.Require(parsed, site);
                using var answer = await SiteQuestion.AskAsync(address, PathOf(expression), cancellationToken);
                return await PrintAsync(answer, parsed.GetValue(json), text, cancellationToken);
            }
        );
        return command;
    }

    private static string PathOf(PackageExpression expression)
    {
        var path = $"/package/{EcosystemNames.NameOf(expression.Ecosystem)}/{Uri.EscapeDataString(expression.Name)}";
        return expression.Comparison is null ? path : $"{path}?versions={Uri.EscapeDataString(expression.Comparison + expression.Version)}";
    }

    private static async Task<int> PrintAsync(JsonDocument? answer, bool asJson, string text, CancellationToken cancellationToken)
    {
        await using var output = StandardOutput.Open();
        if (answer is null)
        {
            await output.WriteAsync(
                asJson ? "{\"versions\":[],\"places\":[]}\n"u8.ToArray() : Encoding.UTF8.GetBytes($"No build contains {text}.\n"),
                cancellationToken
            );
            return ExitCode.Failed;
        }
        var places = answer.RootElement.GetProperty("places");
        await output.WriteAsync(
            Encoding.UTF8.GetBytes(asJson ? $"{answer.RootElement.GetRawText()}\n" : FindText.Of(places, text)),
            cancellationToken
        );
        return places.GetArrayLength() > 0 ? ExitCode.Success : ExitCode.Failed;
    }
}
