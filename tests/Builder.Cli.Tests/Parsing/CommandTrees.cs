namespace Builder.Cli.Tests.Parsing;

/// <summary>Tests that make command trees run one after the other: trees share some options, and note there which commands have them.</summary>
[CollectionDefinition(Name)]
public sealed class CommandTrees
{
    public const string Name = "command trees";
}
