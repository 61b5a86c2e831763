using System.Text;
using Builder.Cli.Errors;

namespace Builder.Cli.Db;

/// <summary>A password: typed twice without echo, or one line of standard input where that is no terminal.</summary>
internal static class PasswordPrompt
{
    private const int LongestPassword = 1024;

    /// <exception cref="CommandException">None was given, or the two do not agree.</exception>
    public static async Task<string> ReadAsync(string user, CancellationToken cancellation)
    {
        var password = Console.IsInputRedirected ? await ReadLineAsync(cancellation) : await ReadTwiceAsync(user, cancellation);
        if (password.Length == 0)
            throw new CommandException($"No password for \"{user}\": type one, or give it as one line on standard input.");
        if (password.Length > LongestPassword)
            throw new CommandException($"The password for \"{user}\" is longer than {LongestPassword} characters.");
        return password;
    }

    private static async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var line = new StringBuilder();
        var one = new char[1];
        while (line.Length <= LongestPassword && await input.ReadAsync(one, cancellation) == 1 && one[0] != '\n')
            line.Append(one[0]);
        return line.ToString().TrimEnd('\r');
    }

    private static async Task<string> ReadTwiceAsync(string user, CancellationToken cancellation)
    {
        var first = await TypeAsync($"Password for {user}: ", cancellation);
        if (await TypeAsync("The same again: ", cancellation) != first)
            throw new CommandException("The two passwords are not the same.");
        return first;
    }

    private static async Task<string> TypeAsync(string prompt, CancellationToken cancellation)
    {
        // The first look for a key turns the echo off: nothing that is typed at the sight of the question may be shown.
        _ = Console.KeyAvailable;
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        try
        {
            while (await KeyAsync(cancellation) is var key && key.Key != ConsoleKey.Enter)
            {
                if (key.Key == ConsoleKey.Backspace)
                    typed.Length = Math.Max(0, typed.Length - 1);
                else if (!char.IsControl(key.KeyChar))
                    typed.Append(key.KeyChar);
            }
        }
        finally
        {
            Console.Error.WriteLine();
        }
        return typed.ToString();
    }

    /// <summary>Whoever gives up is not kept waiting for a key: the read goes on alone until the program ends.</summary>
    private static Task<ConsoleKeyInfo> KeyAsync(CancellationToken cancellation) =>
        Task.Run(() => Console.ReadKey(intercept: true), cancellation).WaitAsync(cancellation);
}
