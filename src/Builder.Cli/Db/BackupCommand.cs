using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary><c>builder db backup DIR</c>.</summary>
internal static class BackupCommand
{
    public static Command Create(DataOptions data)
    {
        var target = new Argument<string>("DIR")
        {
            Description = "Where to; made if absent. An earlier backup there is brought up to date.",
        };
        var keep = new Option<bool>("--keep-removed")
        {
            Description = "Leave files in an earlier backup that belong to builds which have been removed since.",
        };
        var tokens = new Option<bool>("--keep-tokens")
        {
            Description =
                "Copy API tokens too. A token that is revoked after the backup works again when the backup is restored; without this option all have to be made anew then.",
        };
        var command = new Command(
            "backup",
            "Copy tables and files to another directory, consistent while uploads go on. The copy can be served as it is."
        )
        {
            target,
            keep,
            tokens,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                var report = await new Backup(
                    storage,
                    parsed.GetRequiredValue(target),
                    new LineProgress(),
                    parsed.GetValue(keep),
                    parsed.GetValue(tokens)
                ).RunAsync(cancellationToken);
                await Console.Error.WriteLineAsync(
                    $"{report.Files:N0} files with {report.Bytes:N0} bytes were new, {report.Removed:N0} were removed."
                );
                foreach (var damage in report.Damaged)
                    await Console.Error.WriteLineAsync($"not copied: {damage}");
                return report.Damaged.Count == 0
                    ? ExitCode.Success
                    : throw new CommandException(
                        $"All else is copied. \"builder db verify-data-dir\" lists all problems in {data.Settings(parsed).DataDirectory}. An earlier backup may still have the content."
                    );
            }
        );
        return command;
    }
}
