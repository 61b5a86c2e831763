namespace Builder.Web.Tests;

/// <summary>Pages that say for a moment that something is still being computed.</summary>
internal static class SettledPages
{
    /// <summary>Asks until nothing on the page is being computed any more.</summary>
    public static async Task<HttpResponseMessage> GetSettledAsync(this HttpClient http, Uri address)
    {
        while (true)
        {
            var answer = await http.GetAsync(address, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (
                !text.Contains("looking for the reason", StringComparison.Ordinal)
                && !text.Contains("This page loads again by itself", StringComparison.Ordinal)
            )
                return answer;
            answer.Dispose();
            await Task.Yield();
        }
    }
}
