using System.CommandLine;
using System.Text.Json;
using Builder.Cli.Errors;

namespace Builder.Cli.Client;

/// <summary><c>drain WORKER</c> and <c>undrain WORKER</c>.</summary>
internal static class DrainCommands
{
    public static Command CreateDrain() =>
        Create("drain", "Give a worker no more jobs; what it builds now goes on. It stays so until undrain, restarts included.");

    public static Command CreateUndrain() => Create("undrain", "Give a drained worker jobs again.");

    private static Command Create(string verb, string description)
    {
        var worker = new Argument<string>("WORKER") { Description = "The worker's name, as \"info\" shows it, without the address." };
        var command = new Command(verb, description) { worker };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var buffer = new MemoryStream();
                await using (var json = new Utf8JsonWriter(buffer))
                {
                    json.WriteStartObject();
                    json.WriteString("worker", parsed.GetRequiredValue(worker));
                    json.WriteEndObject();
                }
                (await ExtendedRequest.AskAsync(ClientOptions.LinkOf(parsed), verb, buffer.ToArray(), cancellationToken)).Dispose();
                return ExitCode.Success;
            }
        );
        return command;
    }
}
