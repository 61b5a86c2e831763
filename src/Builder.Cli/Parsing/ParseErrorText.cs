using System.CommandLine.Parsing;
using Builder.Cli.Text;

namespace Builder.Cli.Parsing;

/// <summary>An error of a value as one line that names the option, the value, and what is allowed.</summary>
internal static class ParseErrorText
{
    private const string OfTheFramework = "Cannot parse argument";

    public static string Of(ParseError error)
    {
        var message = string.Join(' ', error.Message.Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        var (names, type, tokens) = error.SymbolResult switch
        {
            OptionResult option => Describe(option),
            ArgumentResult { Parent: OptionResult option } => Describe(option),
            ArgumentResult argument => ([argument.Argument.Name], argument.Argument.ValueType, argument.Tokens),
            _ => ([], typeof(object), []),
        };
        if (names.Count == 0)
            return Printable.Of(message);
        var value = tokens.Count == 0 ? null : tokens[^1].Value;
        if (message.StartsWith(OfTheFramework, StringComparison.Ordinal))
            message = $"\"{value}\" is not {Words(type)}";
        if (!names.Any(name => message.Contains(name, StringComparison.Ordinal)))
            message = $"{names[0]}: {message}";
        if (value is not null && !message.Contains(value, StringComparison.Ordinal))
            message += $", not \"{value}\"";
        return Printable.Of(message);
    }

    private static (IReadOnlyList<string> Names, Type Type, IReadOnlyList<Token> Tokens) Describe(OptionResult result) =>
        ([result.Option.Name, .. result.Option.Aliases], result.Option.ValueType, result.Tokens);

    private static string Words(Type type)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (value == typeof(int) || value == typeof(long))
            return "a whole number that is not too large";
        if (value == typeof(double) || value == typeof(decimal))
            return "a number";
        if (value.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(value).Select(name => name.ToLowerInvariant()))}";
        return "a value of this kind";
    }
}
