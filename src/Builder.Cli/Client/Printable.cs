using Builder.Protocol;

namespace Builder.Cli.Client;

/// <summary>Text of strangers for a terminal, which obeys control characters.</summary>
internal static class Printable
{
    public static string Of(ByteString bytes) => Of(bytes.ToString());

    public static string Of(string text) => text.Any(char.IsControl) ? new string([.. text.Select(c => char.IsControl(c) ? '\uFFFD' : c)]) : text;
}
