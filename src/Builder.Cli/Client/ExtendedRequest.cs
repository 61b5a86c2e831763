using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>A request in JSON that only our server knows, and its answer.</summary>
internal static class ExtendedRequest
{
    public static async Task<JsonDocument> AskAsync(
        ServerLink link,
        string verb,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        using var server = await ServerConnection.OpenAsync(link, isExtended: true, cancellationToken);
        ByteString? found = null;
        await server.AskAsync(
            new Protocol.Messages.Command.Request(ByteString.FromUtf8(verb), new ByteString(body)),
            answer =>
            {
                found = (answer as Protocol.Messages.Command.Answer)?.Body;
                return Task.CompletedTask;
            },
            cancellationToken
        );
        return JsonDocument.Parse(found?.Memory ?? throw new CommandException("the server said success, but gave no answer"));
    }
}
