using System.CommandLine;

namespace Builder.Cli.Parsing;

/// <summary>How an option may be given.</summary>
/// <param name="Names">All of them; the first is the one that messages use.</param>
/// <param name="Option">Of the command tree; null for what the reader itself answers.</param>
/// <param name="Values">Words whose beginnings are taken for them; empty where the option judges its values itself.</param>
/// <param name="IsOriginal">Known to the original program under whose name this one was called.</param>
internal sealed record OptionShape(
    IReadOnlyList<string> Names,
    Option? Option,
    OptionMeaning Meaning,
    OptionValue Value,
    bool IsRepeatable,
    IReadOnlyList<string> Values,
    bool IsOriginal
)
{
    public string Name => Names[0];

    public static OptionShape Of(Option option) =>
        new(
            [option.Name, .. option.Aliases],
            option,
            OptionMeaning.Own,
            option.ValueType == typeof(bool) || option.ValueType == typeof(bool[]) ? OptionValue.None
                : option.Arity.MinimumNumberOfValues == 0 && !option.ValueType.IsArray ? OptionValue.Optional
                : OptionValue.Required,
            option.Arity.MaximumNumberOfValues > 1,
            [],
            IsOriginal: false
        );
}
