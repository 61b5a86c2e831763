using System.Collections;
using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.Globalization;
using Builder.Cli.Parsing;

namespace Builder.Cli.Manual;

/// <summary>An option as manual pages and completions describe it.</summary>
internal sealed class DescribedOption
{
    public DescribedOption(Option option)
    {
        var shape = OptionShape.Of(option);
        // The framework also takes /h and /?; the reader of this program does not.
        Names = [.. shape.Names.Where(name => name[0] == '-').OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal)];
        Description = option.Description ?? "";
        // The formats of help matter under the originals' names only.
        Value = option is HelpOption ? OptionValue.None : shape.Value;
        if (Value == OptionValue.None)
            return;
        Words = WordsOf(option);
        Kind = ValueKinds.Of(option.ValueType, option.HelpName ?? option.Name.TrimStart('-'), Words);
        ValueName = option.HelpName ?? (Words.Count > 0 ? string.Join('|', Words) : option.Name.TrimStart('-').ToUpperInvariant());
        Default = DefaultOf(option);
    }

    /// <summary>Short names first.</summary>
    public IReadOnlyList<string> Names { get; }

    public string Description { get; }

    public OptionValue Value { get; }

    /// <summary>Empty for a flag.</summary>
    public string ValueName { get; } = "";

    /// <summary>The words that it takes, where it takes no others.</summary>
    public IReadOnlyList<string> Words { get; } = [];

    public ValueKind Kind { get; }

    /// <summary>Null where there is none, or where the description names it.</summary>
    public string? Default { get; }

    private static string[] WordsOf(Option option)
    {
        var named = (option.HelpName ?? "").Split('|');
        if (named.Length > 1)
            return named.All(IsWord) ? named : [];
        return [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label).Where(IsWord).Distinct()];
    }

    private static bool IsWord(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    /// <summary>What belongs to the machine that writes the page is replaced by what it stands for.</summary>
    private static string? DefaultOf(Option option)
    {
        if (!option.HasDefaultValue || option.Description?.Contains("if not given", StringComparison.Ordinal) == true)
            return null;
        var text = option.GetDefaultValue() switch
        {
            null => "",
            string value => value,
            TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s"),
            Enum value => value.ToString().ToLowerInvariant(),
            IEnumerable => "",
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var value => value.ToString() ?? "",
        };
        if (text == Environment.MachineName)
            return "the name of the machine";
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length > 1 && text.StartsWith(home + "/", StringComparison.Ordinal))
            text = "~" + text[home.Length..];
        return text.Length == 0 ? null : text;
    }
}
