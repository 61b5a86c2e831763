using System.Text;

namespace Builder.Worker.Execution;

/// <summary>
/// What runs a script: the interpreter that its first line names, with its one argument, as the kernel reads them (execve(2),
/// "Interpreter scripts"). A script without such a line, or with one that names sh, runs under <c>/bin/sh -e</c>.
/// </summary>
internal static class ScriptInterpreter
{
    private const string Shell = "/bin/sh";

    /// <summary>The kernel reads no more of a script than this (BINPRM_BUF_SIZE).</summary>
    private const int MaxFirstLine = 255;

    /// <returns>The program and its arguments; the path of the script comes after them.</returns>
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> script)
    {
        if (!script.StartsWith("#!"u8))
            return [Shell, "-e"];
        var line = script[2..Math.Min(script.Length, MaxFirstLine)];
        var end = line.IndexOfAny((byte)'\n', (byte)0);
        line = (end < 0 ? line : line[..end]).Trim(" \t"u8);
        if (line.IsEmpty)
            return [Shell, "-e"];

        var gap = line.IndexOfAny((byte)' ', (byte)'\t');
        var program = Encoding.UTF8.GetString(gap < 0 ? line : line[..gap]);
        var argument = gap < 0 ? "" : Encoding.UTF8.GetString(line[gap..].TrimStart(" \t"u8));
        // An editor of another system ends lines with a carriage return, which sh itself is given and does not mind in this line.
        if (IsShell(program.TrimEnd('\r')) || (IsEnv(program) && argument.TrimEnd('\r') is "sh"))
            return argument.TrimEnd('\r') is "" or "sh" or "-" ? [Shell, "-e"] : [Shell, "-e", argument.TrimEnd('\r')];
        return argument.Length == 0 ? [program] : [program, argument];
    }

    private static bool IsShell(string program) => program is "/bin/sh" or "/usr/bin/sh";

    private static bool IsEnv(string program) => program is "/bin/env" or "/usr/bin/env";
}
