using System.CommandLine;
using Builder.Cli.Errors;

namespace Builder.Cli.Find;

/// <summary>The site that is asked.</summary>
internal static class SiteOption
{
    public const string Variable = "BUILDER_SITE";

    public static Option<Uri?> Create() =>
        new("--site")
        {
            Description = $"Address of the site, such as https://builds.example.org. Default: ${Variable}.",
            HelpName = "URL",
            CustomParser = static result =>
            {
                if (TryRead(result.Tokens[0].Value, out var site))
                    return site;
                result.AddError($"--site: \"{result.Tokens[0].Value}\" is not an address such as https://builds.example.org");
                return null;
            },
        };

    /// <summary>The option's value, else the variable's; null where neither is there.</summary>
    public static Uri? Read(ParseResult parsed, Option<Uri?> option) =>
        parsed.GetValue(option)
        ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text && TryRead(text, out var site) ? site : null);

    /// <exception cref="CommandException">No site is named.</exception>
    public static Uri Require(ParseResult parsed, Option<Uri?> option) =>
        Read(parsed, option) ?? throw new CommandException($"no site: give --site URL, or set {Variable}", ExitCode.Trouble);

    private static bool TryRead(string text, out Uri? site) =>
        Uri.TryCreate(text, UriKind.Absolute, out site) && (site.Scheme == Uri.UriSchemeHttp || site.Scheme == Uri.UriSchemeHttps);
}
