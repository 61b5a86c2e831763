using System.CommandLine;
using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;

namespace Builder.Cli.Health;

/// <summary><c>builder health URL</c>: a probe for containers, which have no curl.</summary>
internal static class HealthCommand
{
    private const int MaxAnswer = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var address = new Argument<Uri>("URL")
        {
            Description = "What \"builder web --metrics\" or \"builder server --metrics\" serves, such as http://127.0.0.1:9100/health.",
            CustomParser = Values.HttpUrl,
        };
        var command = new Command(
            "health",
            """
            Ask whether a server or a site is well: a health check for containers and service managers.

            Example:
              builder health http://127.0.0.1:9100/health

            Exit code: 0 if it answers with success within 5 seconds; 1 if not, with the reason.
            """
        )
        {
            address,
        };
        command.SetAction((parsed, cancellationToken) => AskAsync(parsed.GetRequiredValue(address), cancellationToken));
        return command;
    }

    private static async Task<int> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = Limit };
        try
        {
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.IsSuccessStatusCode)
                return ExitCode.Success;
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var text = new byte[MaxAnswer];
            var length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
            throw new CommandException(
                $"{address} answers {(int)answer.StatusCode} {answer.ReasonPhrase}: {Printable.Of(Encoding.UTF8.GetString(text, 0, length).Trim())}"
            );
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"{address} does not answer: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{address} does not answer within {Limit.TotalSeconds} seconds");
        }
    }
}
