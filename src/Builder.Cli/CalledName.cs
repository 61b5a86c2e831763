using System.Text;

namespace Builder.Cli;

/// <summary>
/// The programs of the original are verbs here: called as <c>builder-web</c> (a link to the executable), the program
/// takes the role <c>web</c> with that program's options.
/// </summary>
internal static class CalledName
{
    private const string Prefix = "builder-";

    private static readonly string[] Roles = ["server", "worker", "client", "inspect", "web", "db", "migrations"];

    /// <summary>The command line as if the role had been given as the first word.</summary>
    public static string[] WithRole(string[] arguments) => Role is var (_, role) ? [role, .. arguments] : arguments;

    /// <summary>The program's name and the role it stands for; null where it was called by its own name.</summary>
    public static (string Name, string Role)? Role
    {
        get
        {
            var name = ReadName();
            return RoleOf(name) is { } role ? (Path.GetFileName(name), role) : null;
        }
    }

    internal static string? RoleOf(string calledAs)
    {
        var name = Path.GetFileName(calledAs);
        return name.StartsWith(Prefix, StringComparison.Ordinal) && Roles.Contains(name[Prefix.Length..]) ? name[Prefix.Length..] : null;
    }

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
