namespace Builder.Cli.Text;

/// <summary>
/// Standard output for bytes of strangers: the bytes themselves into a file or a pipe, text that cannot steer it on a terminal.
/// </summary>
internal static class StandardOutput
{
    /// <param name="keepsColours">On a terminal colours and weights stay, and a line that was written over is shown in its last state.</param>
    public static Stream Open(bool keepsColours = false)
    {
        var output = Console.OpenStandardOutput();
        return Console.IsOutputRedirected ? output : new VisibleTextStream(output, keepsColours);
    }

    /// <summary>From here on nothing that is printed through <see cref="Console"/> can steer a terminal.</summary>
    public static void GuardConsole()
    {
        Console.SetError(new VisibleTextWriter(() => new StreamWriter(Console.OpenStandardError()) { AutoFlush = true }));
        if (!Console.IsOutputRedirected)
            Console.SetOut(new VisibleTextWriter(() => new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true }));
    }
}
