using System.Text;
using Builder.Cli.Errors;

namespace Builder.Cli.Db;

/// <summary>A password: typed twice without echo, or one line of standard input where that is no terminal.</summary>
internal static class PasswordPrompt
{
    private const int MaxPasswordLength = 1024;

    /// <exception cref="CommandException">None was given, or the two do not agree.</exception>
    public static async Task<string> ReadAsync(string user, CancellationToken cancellationToken)
    {
        var password = Console.IsInputRedirected ? await ReadLineAsync(cancellationToken) : await ReadTwiceAsync(user, cancellationToken);
        if (password.Length == 0)
            throw new CommandException($"No password for \"{user}\": type one, or give it as one line on standard input.");
        if (password.Length > MaxPasswordLength)
            throw new CommandException($"The password for \"{user}\" is longer than {MaxPasswordLength} characters.");
        return password;
    }

    private static async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var line = new StringBuilder();
        var one = new char[1];
        while (line.Length <= MaxPasswordLength && await input.ReadAsync(one, cancellationToken) == 1 && one[0] != '\n')
            line.Append(one[0]);
        return line.ToString().TrimEnd('\r');
    }

    private static async Task<string> ReadTwiceAsync(string user, CancellationToken cancellationToken)
    {
        var first = await TypeAsync($"Password for {user}: ", cancellationToken);
        if (await TypeAsync("The same again: ", cancellationToken) != first)
            throw new CommandException("The two passwords are not the same.");
        return first;
    }

    private static async Task<string> TypeAsync(string prompt, CancellationToken cancellationToken)
    {
        // The first look for a key turns the echo off: nothing that is typed at the sight of the question may be shown.
        _ = Console.KeyAvailable;
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        try
        {
            while (await KeyAsync(cancellationToken) is var key && key.Key != ConsoleKey.Enter)
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
    private static Task<ConsoleKeyInfo> KeyAsync(CancellationToken cancellationToken) =>
        Task.Run(() => Console.ReadKey(intercept: true), cancellationToken).WaitAsync(cancellationToken);
}
