using System.Text;
using Builder.Publishing.Archives;

namespace Builder.Publishing.Debian;

/// <summary>Files beside the control file that dpkg reads strictly when it unpacks: <c>conffiles</c> and <c>triggers</c> (deb-conffiles(5), deb-triggers(5)).</summary>
internal static class ControlMemberFiles
{
    private static readonly string[] Directives =
    [
        "interest",
        "interest-await",
        "interest-noawait",
        "activate",
        "activate-await",
        "activate-noawait",
    ];

    /// <exception cref="PackageException">dpkg would refuse the package for it.</exception>
    public static void Check(string name, byte[] content)
    {
        var text = Encoding.Latin1.GetString(content);
        if (text.Length > 0 && text[^1] != '\n')
            throw new PackageException($"\"{name}\" does not end with a newline: dpkg refuses it");
        foreach (var (number, line) in text.Split('\n').SkipLast(1).Index())
        {
            if (WhyNot(name, line) is { } reason)
                throw new PackageException($"\"{name}\" line {number + 1}, \"{ControlFile.Short(line)}\": {reason}");
        }
    }

    private static string? WhyNot(string name, string line)
    {
        if (line.Contains('\0', StringComparison.Ordinal))
            return "it has a NUL";
        return name.EndsWith("conffiles", StringComparison.Ordinal) ? ConffileProblem(line) : TriggerProblem(line);
    }

    private static string? ConffileProblem(string line)
    {
        const string Flag = "remove-on-upgrade ";
        var path = line.StartsWith(Flag, StringComparison.Ordinal) ? line[Flag.Length..].TrimStart() : line;
        return path.StartsWith('/') ? null : "a configuration file is an absolute path, optionally after remove-on-upgrade";
    }

    private static string? TriggerProblem(string line)
    {
        var comment = line.IndexOf('#', StringComparison.Ordinal);
        var words = (comment < 0 ? line : line[..comment]).Split([' ', '\t', '\r', '\v', '\f'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return null;
        if (!Directives.Contains(words[0]))
            return $"there is no directive \"{ControlFile.Short(words[0])}\"";
        if (words.Length != 2)
            return $"{words[0]} takes one trigger";
        return words[1].All(c => c is > ' ' and < (char)0x7f) ? null : "a trigger's name is of printable ASCII";
    }
}
