using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Index;

namespace Builder.Cli.Db;

/// <summary><c>builder db index</c>: enters what builds contain into the index of contents.</summary>
internal static class IndexCommand
{
    private const int BuildsPerLine = 1000;

    public static Command Create(DataOptions data)
    {
        var command = new Command(
            "index",
            "Enter what builds contain into the index that builder find asks. The site does it too; this does it now. It may be cut off and goes on where it was."
        );
        command.SetAction((parsed, cancellationToken) => RunAsync(data, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(DataOptions data, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
        var index = new PackageIndex(storage.Database, storage.Artifacts);
        var total = await index.RemainingAsync(cancellationToken);
        var (done, shown) = (0L, 0L);
        int entered;
        while ((entered = await index.AdvanceAsync(cancellationToken)) > 0)
        {
            done += entered;
            if (done / BuildsPerLine == shown)
                continue;
            shown = done / BuildsPerLine;
            await Console.Error.WriteLineAsync($"{done} of {total} builds");
        }
        await Console.Error.WriteLineAsync(done == 0 ? "All builds have their entries." : $"Entered {done} builds.");
        return ExitCode.Success;
    }
}
