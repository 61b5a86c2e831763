using System.CommandLine;
using System.Globalization;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Text;
using Builder.Storage.Database;
using Builder.Storage.Leases;

namespace Builder.Cli.Db;

/// <summary><c>builder db processes</c>: which web processes share a PostgreSQL database, and which work each of them does.</summary>
internal static class ProcessesCommand
{
    public static Command Create(DataOptions data)
    {
        var command = new Command(
            "processes",
            "List the web processes on a PostgreSQL database: host, process id, version, address, last seen, background work."
        );
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                if (storage.Database.Engine == DatabaseEngine.Sqlite)
                    throw new CommandException("With SQLite one web process works: only processes on PostgreSQL are listed (--database).");
                await using var session = await storage.Database.OpenReadAsync(cancellationToken);
                var work = (await WorkLeases.ListAsync(session, cancellationToken)).ToLookup(
                    static one => one.Owner,
                    static one => one.Work
                );
                foreach (var process in await WebProcesses.ListAsync(session, cancellationToken))
                    await Console.Out.WriteLineAsync(
                        string.Join(
                            '\t',
                            Printable.Of(process.Host),
                            process.ProcessId.ToString(CultureInfo.InvariantCulture),
                            Printable.Of(process.Version),
                            Printable.Of(process.Address),
                            process.IsAlive ? "alive" : "not heard of",
                            process.Seen.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                            string.Join(", ", work[process.Id].Select(Printable.Of))
                        )
                    );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
