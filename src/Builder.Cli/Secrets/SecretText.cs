using System.Text.RegularExpressions;

namespace Builder.Cli.Secrets;

/// <summary>Takes passwords out of text about a command line: it goes to terminals and journals.</summary>
internal static partial class SecretText
{
    public static string Hide(string text) => PasswordOfConnection().Replace(CredentialsOfUrl().Replace(text, "…@"), "$1…");

    /// <summary>To the last at-sign, for a password may hold one that should be escaped.</summary>
    [GeneratedRegex("(?<=://)(?:(?!://).)*@", RegexOptions.Singleline)]
    private static partial Regex CredentialsOfUrl();

    /// <summary>In each name that Npgsql has for it, and to the end of the text: a value may be quoted and hold anything.</summary>
    [GeneratedRegex(
        @"((?:password|psw|pwd)\s*=\s*)(?=[^;\s]).*",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant
    )]
    private static partial Regex PasswordOfConnection();
}
