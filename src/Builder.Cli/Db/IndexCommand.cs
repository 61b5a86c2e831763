using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Index;
using Builder.Storage.Search;

namespace Builder.Cli.Db;

/// <summary><c>builder db index</c>: enters what builds contain into the indexes that <c>builder find</c> asks.</summary>
internal static class IndexCommand
{
    private const int PerLine = 1000;

    public static Command Create(DataOptions data)
    {
        var textIndex = TextIndexOption.Create();
        var command = new Command(
            "index",
            "Enter what builds contain into the indexes that builder find asks: packages, symbols, texts of consoles. The site does it too; this does it now. It may be cut off and goes on where it was."
        )
        {
            textIndex,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(data, parsed, parsed.GetValue(textIndex), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(DataOptions data, ParseResult parsed, long textIndexSize, CancellationToken cancellationToken)
    {
        await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
        var packages = new PackageIndex(storage.Database, storage.Artifacts);
        var symbols = new SymbolIndex(storage.Database, storage.Artifacts);
        var consoles = new ConsoleTextIndex(storage.Database, storage.BuildFiles, textIndexSize);
        var builds = await AdvanceAsync("builds", packages.RemainingAsync, packages.AdvanceAsync, cancellationToken);
        var binaries = await AdvanceAsync("lists and binaries", symbols.RemainingAsync, symbols.AdvanceAsync, cancellationToken);
        var texts = await AdvanceAsync("consoles", consoles.RemainingAsync, consoles.AdvanceAsync, cancellationToken);
        await Console.Error.WriteLineAsync(
            builds + binaries + texts == 0 ? "All builds have their entries." : $"Entered {builds} builds and {texts} consoles."
        );
        return ExitCode.Success;
    }

    private static async Task<long> AdvanceAsync(
        string what,
        Func<CancellationToken, Task<long>> remaining,
        Func<CancellationToken, Task<int>> advance,
        CancellationToken cancellationToken
    )
    {
        var total = await remaining(cancellationToken);
        var (done, shown) = (0L, 0L);
        int entered;
        while ((entered = await advance(cancellationToken)) > 0)
        {
            done += entered;
            if (done / PerLine == shown)
                continue;
            shown = done / PerLine;
            await Console.Error.WriteLineAsync($"{done} of {total} {what}");
        }
        return done;
    }
}
