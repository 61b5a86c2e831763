using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Numerics;
using Builder.Protocol.Values;

namespace Builder.Cli.Parsing;

/// <summary>What options allow, for all commands alike: each refuses in one line that says what would be right.</summary>
internal static class Values
{
    public const int MaxPort = 65535;

    public static Option<int> Between(this Option<int> option, int lowest, int highest)
    {
        option.CustomParser = result => Number(result, lowest, highest);
        return option;
    }

    public static Option<int?> Between(this Option<int?> option, int lowest, int highest)
    {
        option.CustomParser = result => Number(result, lowest, highest);
        return option;
    }

    public static Option<long?> Between(this Option<long?> option, long lowest, long highest)
    {
        option.CustomParser = result => Number(result, lowest, highest);
        return option;
    }

    public static Argument<long> Between(this Argument<long> argument, long lowest, long highest)
    {
        argument.CustomParser = result => Number(result, lowest, highest);
        return argument;
    }

    public static Argument<long?> Between(this Argument<long?> argument, long lowest, long highest)
    {
        argument.CustomParser = result => Number(result, lowest, highest);
        return argument;
    }

    public static Argument<int> Between(this Argument<int> argument, int lowest, int highest)
    {
        argument.CustomParser = result => Number(result, lowest, highest);
        return argument;
    }

    /// <summary>Numbers with a fraction, such as 1.5.</summary>
    public static Option<double?> Between(this Option<double?> option, double lowest, double highest)
    {
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (
                double.TryParse(
                    text,
                    NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var value
                )
                && value >= lowest
                && value <= highest
            )
            {
                return value;
            }
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {text} is not between {lowest} and {highest}"));
            return null;
        };
        return option;
    }

    public static Option<string> OneOf(this Option<string> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.CustomParser = result =>
        {
            if (words.Contains(result.Tokens[0].Value))
                return result.Tokens[0].Value;
            result.AddError($"{option.Name} {result.Tokens[0].Value} is not one of {string.Join(", ", words)}");
            return null;
        };
        return option;
    }

    /// <summary>A word for each value.</summary>
    public static Option<T> OneOf<T>(this Option<T> option, params (string Word, T Value)[] words)
    {
        option.CompletionSources.Add([.. words.Select(word => word.Word)]);
        option.CustomParser = result =>
        {
            foreach (var (word, value) in words)
            {
                if (word == result.Tokens[0].Value)
                    return value;
            }
            result.AddError($"{option.Name} {result.Tokens[0].Value} is not one of {string.Join(", ", words.Select(word => word.Word))}");
            return default;
        };
        return option;
    }

    /// <summary>An IP address in its usual form: not <c>127.1</c>, which C libraries take for 127.0.0.1.</summary>
    public static IPAddress? Address(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (AddressText.TryParse(text, out var address))
            return address;
        result.AddError($"{Name(result)}: \"{text}\" is not an IP address such as 127.0.0.1, :: or 0.0.0.0");
        return null;
    }

    /// <summary>An absolute http or https URL.</summary>
    public static Uri? HttpUrl(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url;
        var text = result.Tokens[0].Value;
        // What stands before an at-sign may be a password, also where a scheme is missing.
        if (!text.Contains("://", StringComparison.Ordinal) && text.LastIndexOf('@') is var at and > 0)
            text = $"…{text[at..]}";
        result.AddError($"{Name(result)}: \"{text}\" is not an http or https URL such as https://builds.example.org");
        return null;
    }

    private static T Number<T>(ArgumentResult result, T lowest, T highest)
        where T : struct, INumber<T>
    {
        var text = result.Tokens[0].Value;
        // BigInteger rather than T: what is too large for T is a number too.
        if (text.Length <= 100 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            if (number >= BigInteger.CreateChecked(lowest) && number <= BigInteger.CreateChecked(highest))
                return T.CreateChecked(number);
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{Name(result)} {text} is not between {lowest} and {highest}"));
            return default;
        }
        result.AddError(
            string.Create(CultureInfo.InvariantCulture, $"{Name(result)} \"{text}\" is not a whole number from {lowest} to {highest}")
        );
        return default;
    }

    private static string Name(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
