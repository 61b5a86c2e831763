using System.Diagnostics.CodeAnalysis;

namespace Builder.Proof.Sbom;

/// <summary>A licence expression (SPDX 2.3 annex D), with identifiers as the list spells them.</summary>
/// <param name="IsIdentifier">It is one identifier of the list and nothing else.</param>
/// <param name="IsCompound">It has AND or OR, so it needs parentheses among others.</param>
internal sealed record LicenseExpression(string Text, bool IsIdentifier, bool IsCompound)
{
    private const int MaxTokens = 200;
    private const string Reference = "LicenseRef-";

    /// <summary>False where a word is no licence of the list, or the words are no expression.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LicenseExpression? expression)
    {
        expression = null;
        var tokens = text.Replace("(", " ( ", StringComparison.Ordinal)
            .Replace(")", " ) ", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (tokens.Length is 0 or > MaxTokens || !TryNormalize(tokens))
            return false;
        var joined = string.Join(' ', tokens).Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal);
        expression = new LicenseExpression(
            joined,
            tokens is [var only] && LicenseList.License(only) is not null,
            tokens.Any(token => token is "AND" or "OR")
        );
        return true;
    }

    /// <summary>Checks the order of operands, operators and parentheses, and spells each word as the list does.</summary>
    private static bool TryNormalize(string[] tokens)
    {
        var depth = 0;
        var isOperandNext = true;
        for (var index = 0; index < tokens.Length; index++)
        {
            switch (tokens[index])
            {
                case "(" when isOperandNext:
                    depth++;
                    break;
                case ")" when !isOperandNext && depth > 0:
                    depth--;
                    break;
                case "AND" or "OR" when !isOperandNext:
                    isOperandNext = true;
                    break;
                case "WITH" when !isOperandNext && tokens[index - 1] != ")" && index + 1 < tokens.Length:
                    if (LicenseList.Exception(tokens[index + 1]) is not { } exception)
                        return false;
                    tokens[++index] = exception;
                    break;
                case var word when isOperandNext && Operand(word) is { } known:
                    tokens[index] = known;
                    isOperandNext = false;
                    break;
                default:
                    return false;
            }
        }
        return depth == 0 && !isOperandNext;
    }

    private static string? Operand(string word) =>
        LicenseList.License(word)
        ?? (
            word.EndsWith('+') && LicenseList.License(word[..^1]) is { } orLater ? orLater + "+"
            : IsReference(word) ? word
            : null
        );

    private static bool IsReference(string word) =>
        word.StartsWith(Reference, StringComparison.Ordinal)
        && word.Length > Reference.Length
        && word.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');
}
