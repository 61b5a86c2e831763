namespace Builder.Cli.Parsing;

/// <summary>Who acts on an option.</summary>
internal enum OptionMeaning
{
    /// <summary>The command, by the option of its tree.</summary>
    Own,

    /// <summary>Shows help, in the format that the value names.</summary>
    Help,

    /// <summary>Shows the version.</summary>
    Version,

    /// <summary>Of an original program: no log.</summary>
    Quiet,

    /// <summary>Of an original program: once logs information, twice everything.</summary>
    Verbose,

    /// <summary>Of an original program: the level of the log.</summary>
    Verbosity,

    /// <summary>Of an original program: levels by source of the log, <c>*:info,http:debug</c>.</summary>
    LoggingLevels,

    /// <summary>Of an original program, without effect: our output has no colours.</summary>
    Color,
}
