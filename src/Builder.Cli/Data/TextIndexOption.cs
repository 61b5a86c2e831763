using System.CommandLine;
using Builder.Cli.Parsing;
using Builder.Storage.Search;

namespace Builder.Cli.Data;

/// <summary>How large the index of consoles may become.</summary>
internal static class TextIndexOption
{
    public static Option<long> Create() =>
        new("--text-index")
        {
            Description =
                "How large the index of texts in consoles may become; the oldest consoles are left out. Default 128M; 0 for no index.",
            DefaultValueFactory = static _ => ConsoleTextIndex.DefaultMaxSize,
            HelpName = "SIZE",
            CustomParser = static result =>
            {
                if (result.Tokens[0].Value == "0")
                    return 0;
                if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
                    return bytes;
                result.AddError($"--text-index takes a size such as 64M or 1G, or 0, not \"{result.Tokens[0].Value}\"");
                return 0;
            },
        };
}
