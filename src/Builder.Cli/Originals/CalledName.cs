using System.Text;

namespace Builder.Cli.Originals;

/// <summary>
/// The programs of the original are commands here: called as <c>builder-web</c> (a link to the executable), the program
/// takes the role <c>web</c> with that program's options.
/// </summary>
internal static class CalledName
{
    /// <summary>The original program under whose name this one was called; null where it was called by its own.</summary>
    public static OriginalProgram? Original => OriginalOf(ReadName());

    internal static OriginalProgram? OriginalOf(string calledAs) => OriginalPrograms.Find(Path.GetFileName(calledAs));

    /// <summary>The first word of the command line: the framework's own start program puts the assembly's path in its place, the kernel keeps it.</summary>
    private static string ReadName()
    {
        const string commandLine = "/proc/self/cmdline";
        if (!File.Exists(commandLine))
            return Environment.GetCommandLineArgs()[0];
        var bytes = File.ReadAllBytes(commandLine);
        var end = Array.IndexOf(bytes, (byte)0);
        return Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end);
    }
}
