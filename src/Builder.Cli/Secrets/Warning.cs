namespace Builder.Cli.Secrets;

/// <summary>What an operator should change, a line on standard error, from commands that have no log.</summary>
internal static class Warning
{
    public static void Show(string text) => Console.Error.WriteLine($"builder: warning: {text}");
}
