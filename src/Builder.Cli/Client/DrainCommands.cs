using System.CommandLine;
using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;

namespace Builder.Cli.Client;

/// <summary><c>drain WORKER</c> and <c>undrain WORKER</c>.</summary>
internal static class DrainCommands
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command CreateDrain()
    {
        var worker = Worker();
        var wait = new Option<bool>("--wait")
        {
            Description = "Wait until the worker has no job any more; a worker that is drained already is waited for too.",
        };
        var command = new Command(
            "drain",
            """
            Give a worker no more jobs; what it builds now goes on. It stays so until undrain, restarts included.

            Before an upgrade of its machine:
              builder client drain w1 --wait && ssh w1 apt-get upgrade; builder client undrain w1
            """
        )
        {
            worker,
            wait,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var link = ClientOptions.LinkOf(parsed);
                var name = parsed.GetRequiredValue(worker);
                if (!parsed.GetValue(wait) || !(await StateAsync(link, name, cancellationToken)).IsDrained)
                    await SendAsync(link, "drain", name, cancellationToken);
                if (parsed.GetValue(wait))
                    await WaitAsync(link, name, cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateUndrain()
    {
        var worker = Worker();
        var command = new Command("undrain", "Give a drained worker jobs again.") { worker };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await SendAsync(ClientOptions.LinkOf(parsed), "undrain", parsed.GetRequiredValue(worker), cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Argument<string> Worker() =>
        new("WORKER") { Description = "The worker's name, as \"info\" shows it, without the address." };

    private static async Task SendAsync(ServerLink link, string verb, string worker, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("worker", worker);
            json.WriteEndObject();
        }
        (await ExtendedRequest.AskAsync(link, verb, buffer.ToArray(), cancellationToken)).Dispose();
    }

    private static async Task WaitAsync(ServerLink link, string worker, CancellationToken cancellationToken)
    {
        string? said = null;
        while (true)
        {
            var (isDrained, job) = await StateAsync(link, worker, cancellationToken);
            if (!isDrained)
                throw new CommandException($"somebody undrained {worker} meanwhile; it gets jobs again");
            if (job is null)
                return;
            if (said != job)
                await Console.Error.WriteLineAsync($"{worker} builds {job}");
            said = job;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    /// <returns>Whether it gets no more jobs, and what it builds; workers of one name count together.</returns>
    private static async Task<(bool IsDrained, string? Job)> StateAsync(ServerLink link, string worker, CancellationToken cancellationToken)
    {
        using var answer = await ExtendedRequest.AskAsync(link, "workers", "{}"u8.ToArray(), cancellationToken);
        try
        {
            var root = answer.RootElement;
            return (
                root.GetProperty("drained").EnumerateArray().Any(name => name.GetString() == worker),
                root.GetProperty("workers")
                    .EnumerateArray()
                    .Where(one => one.GetProperty("stable_name").GetString() == worker)
                    .Select(static one => one.GetProperty("job").GetString())
                    .FirstOrDefault(static job => job is not null)
            );
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandException($"the server does not say what its workers do, it is of an earlier version: {exception.Message}");
        }
    }
}
