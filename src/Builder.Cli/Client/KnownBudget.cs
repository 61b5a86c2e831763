using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>Where a build that has just ended goes over the budget of its job, which only our server tells.</summary>
internal static class KnownBudget
{
    /// <returns>A phrase for each excess, such as <c>size 13,000,000 bytes, budget 12,000,000</c>; none where the server does not tell.</returns>
    public static async Task<IReadOnlyList<string>> AskAsync(ServerLink link, BuildUuid uuid, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ExtendedRequest.AskAsync(
                link,
                "budget",
                Encoding.UTF8.GetBytes($$"""{"uuid":"{{uuid}}"}"""),
                cancellationToken
            );
            return [.. answer.RootElement.GetProperty("over_budget").EnumerateArray().Select(Phrase)];
        }
        catch (Exception exception)
            when (exception
                    is CommandException
                        or UnreachableException
                        or IOException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            // An original server, an earlier one of ours, or one that was restarted just now: the build's page says it.
            return [];
        }
    }

    internal static string Phrase(JsonElement over)
    {
        var (value, budget) = (over.GetProperty("value").GetInt64(), over.GetProperty("budget").GetInt64());
        return over.GetProperty("limit").GetString() switch
        {
            "size" => string.Create(CultureInfo.InvariantCulture, $"size {value:N0} bytes, budget {budget:N0}"),
            "growth" => string.Create(CultureInfo.InvariantCulture, $"growth {value / 10m:0.#} %, budget {budget / 10m:0.#} %"),
            "time" => string.Create(CultureInfo.InvariantCulture, $"time {value / 1000m:0.#} s, budget {budget / 1000m:0.#} s"),
            var other => string.Create(CultureInfo.InvariantCulture, $"{other} {value:N0}, budget {budget:N0}"),
        };
    }
}
