using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Signer;
using Builder.Publishing.Attestation;
using Builder.Storage.Statements;

namespace Builder.Cli.Db;

/// <summary><c>builder db attest</c>: statements for builds from before there was a signer, and for those that it refused.</summary>
internal static class AttestCommand
{
    public static Command Create(DataOptions data)
    {
        var socket = SignerOption(SignerCommand.SocketName);
        var command = new Command(
            "attest",
            "Have the signer make provenance for every build that has none. Cut off and run again, it goes on where it was."
        )
        {
            socket,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var left = await AttestationTasks.AddMissingAsync(database, isAgain: true, cancellationToken);
                await Console.Error.WriteLineAsync($"{left:N0} builds are to be attested.");
                try
                {
                    var runner = new AttestationRunner(
                        database,
                        new AttestationClient(parsed.GetRequiredValue(socket)),
                        TimeProvider.System
                    );
                    await runner.FetchKeysAsync(cancellationToken);
                    while (await runner.RunBatchAsync(cancellationToken) > 0)
                    {
                        // Until nothing is due.
                    }
                }
                catch (SignerException exception)
                {
                    throw new CommandException(exception.Message);
                }
                return await ReportAsync(database, cancellationToken);
            }
        );
        return command;
    }

    public static Option<string> SignerOption(string name) =>
        new("--signer")
        {
            Description = "Socket of the signer.",
            DefaultValueFactory = _ => Path.Combine(SignerCommand.DefaultDirectory, name),
            HelpName = "PATH",
        };

    private static async Task<int> ReportAsync(Storage.Database.BuilderDatabase database, CancellationToken cancellationToken)
    {
        const int max = 20;
        await using var session = await database.OpenReadAsync(cancellationToken);
        var refused = await AttestationTasks.RefusedAsync(session, max + 1, cancellationToken);
        if (refused.Count == 0)
        {
            await Console.Error.WriteLineAsync("Every build with artifacts has its statement.");
            return ExitCode.Success;
        }
        foreach (var task in refused.Take(max))
            Console.Out.WriteLine($"{task.Build}\t{task.Refusal}");
        throw new CommandException(
            refused.Count > max
                ? $"the signer refused more than {max} builds; the first ones are listed"
                : $"the signer refused {refused.Count} builds"
        );
    }
}
