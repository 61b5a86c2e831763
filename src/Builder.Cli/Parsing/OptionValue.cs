namespace Builder.Cli.Parsing;

/// <summary>Whether an option takes a value.</summary>
internal enum OptionValue
{
    None,
    Optional,
    Required,
}
