using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Signer;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Publishing.Attestation;
using Builder.Storage.Statements;

namespace Builder.Cli.Db;

/// <summary><c>builder db retract UUID --because TEXT</c>: a signed statement that a build must not be trusted any more.</summary>
internal static class RetractCommand
{
    public static Command Create(DataOptions data)
    {
        var uuid = new Argument<BuildUuid>("UUID") { Description = "The build.", CustomParser = ArgumentValues.Uuid };
        var because = new Option<string>("--because")
        {
            Description = "Why, in a sentence for people; it is published.",
            Required = true,
            HelpName = "TEXT",
        };
        var socket = AttestCommand.SignerOption(SignerCommand.OperatorSocketName);
        var command = new Command(
            "retract",
            "Publish a signed statement that a build must not be trusted any more. It cannot be taken back; the build's files stay."
        )
        {
            uuid,
            because,
            socket,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var reason = parsed.GetRequiredValue(because);
                if (reason.Length is 0 or > Retraction.MaxReasonLength)
                    throw new CommandException($"--because takes a sentence of at most {Retraction.MaxReasonLength} characters");
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var build = parsed.GetRequiredValue(uuid);
                try
                {
                    var answer = await new AttestationClient(parsed.GetRequiredValue(socket)).AskAsync(
                        new SignerRequest(StatementKind.Retraction, [build.ToString()], reason),
                        cancellationToken
                    );
                    if (answer.Refused is [var refusal, ..])
                        throw new CommandException($"build {build} is not retracted: {refusal.Reason}");
                    await database.WriteAsync(
                        session => AttestationRunner.KeepAsync(session, answer, cancellationToken),
                        cancellationToken
                    );
                }
                catch (SignerException exception)
                {
                    throw new CommandException(exception.Message);
                }
                await Console.Error.WriteLineAsync($"Build {build} is retracted.");
                return ExitCode.Success;
            }
        );
        return command;
    }
}
