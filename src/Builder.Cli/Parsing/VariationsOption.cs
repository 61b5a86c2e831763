using System.CommandLine;
using Builder.Protocol.Values;

namespace Builder.Cli.Parsing;

/// <summary>An option that names variations: <c>time,path</c>, <c>all</c> or <c>none</c>.</summary>
internal static class VariationsOption
{
    public static Option<Variations?> Create(string name, string description)
    {
        var option = new Option<Variations?>(name)
        {
            Description = description,
            HelpName = "LIST",
            CustomParser = result =>
            {
                if (VariationNames.TryParseSet(result.Tokens[0].Value, out var set, out var reason))
                    return set;
                result.AddError($"{name}: {reason}");
                return null;
            },
        };
        option.CompletionSources.Add([.. VariationNames.Of(VariationNames.All), "all", "none"]);
        return option;
    }
}
