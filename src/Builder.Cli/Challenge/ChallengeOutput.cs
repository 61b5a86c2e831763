using System.Text.Json;
using Builder.Cli.Text;

namespace Builder.Cli.Challenge;

/// <summary>What several sites got, for people and for programs.</summary>
internal static class ChallengeOutput
{
    private const int ShownDigits = 16;

    public static void WriteText(IReadOnlyList<Comparison> found, TextWriter output)
    {
        if (found.Count == 0)
            output.WriteLine("nothing to compare: no two sites built from the same recorded inputs");
        foreach (var one in found)
        {
            var answer = one.Agrees switch
            {
                true => "the same bytes",
                false => "DIFFERENT bytes",
                _ => "only one site shows what it got",
            };
            output.WriteLine(
                Printable.Of($"{one.Job} on {one.Platform}, inputs {one.InputId[..Math.Min(one.InputId.Length, ShownDigits)]}…: {answer}")
            );
            foreach (var build in one.Builds)
                output.WriteLine(Printable.Of($"  {build.Digest?.ToString() ?? "withheld until rebuilders agree"}  {build.Address}"));
        }
    }

    public static async Task WriteJsonAsync(IReadOnlyList<Comparison> found, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var one in found)
            {
                json.WriteStartObject();
                json.WriteString("job", one.Job);
                json.WriteString("platform", one.Platform);
                json.WriteString("input_id", one.InputId);
                if (one.Agrees is { } agrees)
                    json.WriteBoolean("agrees", agrees);
                else
                    json.WriteNull("agrees");
                json.WriteStartArray("builds");
                foreach (var build in one.Builds)
                {
                    json.WriteStartObject();
                    json.WriteString("site", build.Site.GetLeftPart(UriPartial.Authority));
                    json.WriteString("uuid", build.Uuid);
                    json.WriteString("sha256", build.Digest?.ToString());
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            await json.FlushAsync(cancellationToken);
        }
        output.WriteByte((byte)'\n');
    }
}
