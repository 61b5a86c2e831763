using System.CommandLine;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary><c>builder db backup DIR</c>.</summary>
internal static class BackupCommand
{
    public static Command Create(DataOptions data)
    {
        var target = new Argument<string>("DIR") { Description = "Where to; made if absent. An earlier backup there is brought up to date." };
        var keep = new Option<bool>("--keep-removed") { Description = "Leave files in an earlier backup that belong to builds which have been removed since." };
        var command = new Command("backup", "Copy tables and files to another directory, consistent while uploads go on. The copy can be served as it is.") { target, keep };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var storage = await data.OpenStorageAsync(parsed, cancellation);
            var (files, bytes, removed) = await new Backup(storage, parsed.GetRequiredValue(target), new LineProgress(), parsed.GetValue(keep)).RunAsync(cancellation);
            await Console.Error.WriteLineAsync($"{files:N0} files with {bytes:N0} bytes were new, {removed:N0} were removed.");
            return ExitCode.Success;
        });
        return command;
    }
}
