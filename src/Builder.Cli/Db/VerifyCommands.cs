using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Protocol.Text;
using Builder.Storage;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary><c>builder db verify-data-dir</c>, <c>verify-input-id</c>, <c>verify-cache-dir</c>: a line per finding, exit code 1 where one stands.</summary>
internal static class VerifyCommands
{
    private const string CacheDirectoryVariable = "BUILDER_WEB_CACHEDIR";

    public static Command CreateDataDirectory(DataOptions data) =>
        Create(
            data,
            "verify-data-dir",
            "Read every artifact and compare files and tables: missing, extra, changed and misplaced ones are listed.",
            "Fix what can be fixed: move misplaced contents to their place and files that nothing needs to _lost, correct sizes and hashes of rows.",
            (storage, _, repair) => new DataDirectoryVerifier(storage, repair, new VerificationLine()).VerifyAsync
        );

    public static Command CreateInputId(DataOptions data) =>
        Create(
            data,
            "verify-input-id",
            "Work every build's input id out of its artifacts again and compare.",
            "Set what differs.",
            (storage, _, repair) => new InputIdVerifier(storage.Database, repair).VerifyAsync
        );

    public static Command CreateCacheDirectory(DataOptions data)
    {
        var directory = new Option<string?>("--cachedir")
        {
            Description = $"The cache, where it is not _cache in the data directory; default ${CacheDirectoryVariable}.",
            HelpName = "DIR",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(CacheDirectoryVariable) is { Length: > 0 } value ? value : null,
        };
        var command = Create(
            data,
            "verify-cache-dir",
            "List pictures in the cache that nothing will ask for any more.",
            "Delete them.",
            (storage, parsed, repair) => new CacheVerifier(storage, repair, Existing(parsed.GetValue(directory))).VerifyAsync
        );
        command.Add(directory);
        return command;
    }

    /// <summary>A cache that was named must be there; the one in the data directory comes with the first picture.</summary>
    private static string? Existing(string? directory) =>
        directory is null || Directory.Exists(directory)
            ? directory
            : throw new UsageException($"--cachedir: \"{Printable.Of(directory)}\" is not a directory");

    private static Command Create(
        DataOptions data,
        string name,
        string description,
        string repairDescription,
        Func<BuilderStorage, ParseResult, bool, Func<CancellationToken, IAsyncEnumerable<Finding>>> verify
    )
    {
        var repair = new Option<bool>("--repair") { Description = repairDescription };
        var command = new Command(name, $"{description} Exit code 1 where something is wrong and was not repaired.") { repair };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                return await ReportAsync(verify(storage, parsed, parsed.GetValue(repair))(cancellationToken));
            }
        );
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

    private static string Name(FindingKind kind) =>
        kind switch
        {
            FindingKind.Missing => "missing",
            FindingKind.Extra => "extra",
            FindingKind.Changed => "changed",
            FindingKind.Misplaced => "misplaced",
            FindingKind.Unreadable => "unreadable",
            _ => "inconsistent",
        };
}
