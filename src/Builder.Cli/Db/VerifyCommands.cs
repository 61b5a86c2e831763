using System.CommandLine;
using Builder.Protocol.Text;
using Builder.Storage;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary><c>builder db verify-data-dir</c>, <c>verify-input-id</c>, <c>verify-cache-dir</c>: a line per finding, exit code 1 where one stands.</summary>
internal static class VerifyCommands
{
    public static Command CreateDataDirectory(DataOptions data) => Create(
        data,
        "verify-data-dir",
        "Read every artifact and compare files and tables: missing, extra, changed and misplaced ones are listed.",
        "Mend what can be: move misplaced contents to their place and files that nothing needs to _lost, correct sizes and hashes of rows.",
        (storage, repair) => new DataDirectoryVerifier(storage, repair, new VerificationLine()).VerifyAsync);

    public static Command CreateInputId(DataOptions data) => Create(
        data,
        "verify-input-id",
        "Work every build's input id out of its artifacts again and compare.",
        "Set what differs.",
        (storage, repair) => new InputIdVerifier(storage.Database, repair).VerifyAsync);

    public static Command CreateCacheDirectory(DataOptions data) => Create(
        data,
        "verify-cache-dir",
        "List pictures in _cache that nothing will ask for any more.",
        "Delete them.",
        (storage, repair) => new CacheVerifier(storage, repair).VerifyAsync);

    private static Command Create(
        DataOptions data, string name, string description, string repairDescription, Func<BuilderStorage, bool, Func<CancellationToken, IAsyncEnumerable<Finding>>> verify)
    {
        var repair = new Option<bool>("--repair") { Description = repairDescription };
        var command = new Command(name, $"{description} Exit code 1 where something is wrong and was not repaired.") { repair };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var storage = await data.OpenStorageAsync(parsed, cancellation);
            return await ReportAsync(verify(storage, parsed.GetValue(repair))(cancellation));
        });
        return command;
    }

    private static async Task<int> ReportAsync(IAsyncEnumerable<Finding> findings)
    {
        var (found, standing) = (0, 0);
        await foreach (var finding in findings)
        {
            found++;
            standing += finding.Repaired is null ? 1 : 0;
            var repaired = finding.Repaired is null ? "" : $" [{finding.Repaired}]";
            Console.WriteLine($"{Name(finding.Kind)}\t{VisibleText.Line(finding.Path)}\t{VisibleText.Line(finding.Description)}{repaired}");
        }
        await Console.Error.WriteLineAsync(found == 0 ? "Nothing is wrong." : $"{found} findings, {found - standing} repaired.");
        return standing == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static string Name(FindingKind kind) => kind switch
    {
        FindingKind.Missing => "missing",
        FindingKind.Extra => "extra",
        FindingKind.Changed => "changed",
        FindingKind.Misplaced => "misplaced",
        FindingKind.Unreadable => "unreadable",
        _ => "inconsistent",
    };
}
