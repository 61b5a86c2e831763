using System.CommandLine;

namespace Builder.Cli.Tests.Parsing;

/// <summary>Each option of each command, by our name and under the original ones, with what must not be taken: an error in one line, never an exception.</summary>
[Collection(CommandTrees.Name)]
public sealed class EveryOptionTests : IDisposable
{
    private readonly List<string> failures = [];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_right_value_is_taken(string program) =>
        ForEachOption(
            program,
            (line, words, path, option) =>
            {
                string[] given = EveryOption.IsFlag(option) ? [option.Name] : [$"{option.Name}={EveryOption.Right(option)}"];
                var refusal = line.Refusal([.. words, .. given, .. EveryOption.Needed(path, option)]);
                // Some options need or exclude another one; nothing else may be wrong.
                if (
                    refusal is not null
                    && (!refusal.Contains("--", StringComparison.Ordinal) || refusal.Contains("unknown option", StringComparison.Ordinal))
                )
                    failures.Add($"{program} {string.Join(' ', words)} {given[0]}: {refusal}");
            }
        );

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_missing_value_is_named(string program) =>
        ForEachValue(
            program,
            (line, words, path, option) =>
            {
                AssertRefused(line, [.. words, .. EveryOption.Needed(path, option), option.Name], option.Name, "needs a value");
                AssertRefused(
                    line,
                    [.. words, option.Name, "--", .. EveryOption.Needed(path).Where(word => word[0] != '-')],
                    option.Name,
                    "needs a value"
                );
                AssertRefused(line, [.. words, option.Name, "--no-value", .. EveryOption.Needed(path, option)], option.Name, "--no-value");
            },
            takesNone: false
        );

    [Theory]
    [MemberData(nameof(Programs))]
    public void An_empty_value_is_refused(string program) =>
        ForEachValue(
            program,
            (line, words, path, option) =>
            {
                AssertRefused(line, [.. words, $"{option.Name}=", .. EveryOption.Needed(path, option)], option.Name, "is empty");
                AssertRefused(line, [.. words, option.Name, "", .. EveryOption.Needed(path, option)], option.Name, "is empty");
            }
        );

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_value_of_another_kind_or_out_of_range_is_named(string program) =>
        ForEachValue(
            program,
            (line, words, path, option) =>
            {
                foreach (var value in EveryOption.Wrong(option))
                    AssertRefused(line, [.. words, $"{option.Name}={value}", .. EveryOption.Needed(path, option)], option.Name, value);
            }
        );

    [Theory]
    [MemberData(nameof(Programs))]
    public void An_option_given_twice_is_refused(string program) =>
        ForEachOption(
            program,
            (line, words, path, option) =>
            {
                var given = EveryOption.IsFlag(option) ? option.Name : $"{option.Name}={EveryOption.Right(option)}";
                if (option.Arity.MaximumNumberOfValues > 1)
                    Assert.DoesNotContain(
                        "twice",
                        line.Refusal([.. words, given, given, .. EveryOption.Needed(path, option)]) ?? "",
                        StringComparison.Ordinal
                    );
                else
                    AssertRefused(line, [.. words, given, given, .. EveryOption.Needed(path, option)], option.Name, "twice");
            }
        );

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_flag_takes_no_value(string program) =>
        ForEachOption(
            program,
            (line, words, path, option) =>
            {
                if (EveryOption.IsFlag(option) && option.Name[1] == '-')
                    AssertRefused(line, [.. words, $"{option.Name}=x", .. EveryOption.Needed(path, option)], option.Name, "\"x\"");
            }
        );

    [Theory]
    [MemberData(nameof(Programs))]
    public void An_unknown_option_is_never_an_argument(string program)
    {
        var line = EveryOption.Open(program);
        foreach (var (words, path) in EveryOption.Commands(line, program))
        {
            foreach (var unknown in (string[])["--no-such-option", "--no-such-option=1", "-Z", "-Zx", "---"])
            {
                AssertRefused(line, [.. Split(words), unknown], "unknown option", unknown.Split('=')[0][..2]);
                AssertRefused(line, [.. Split(words), .. EveryOption.Needed(path), unknown], "unknown option", unknown.Split('=')[0][..2]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Arguments_that_are_missing_empty_wrong_or_too_many_are_named(string program)
    {
        var line = EveryOption.Open(program);
        foreach (var (words, path) in EveryOption.Commands(line, program))
        {
            var needed = EveryOption.Needed(path).ToArray();
            var first = Array.FindIndex(needed, word => word[0] != '-');
            foreach (var (argument, index) in path[^1].Arguments.Select((argument, index) => (argument, first + index)))
            {
                if (argument.Arity.MinimumNumberOfValues > 0)
                    AssertRefused(line, [.. Split(words), .. needed[..index]], argument.Name, "is missing");
                AssertRefused(line, [.. Split(words), .. needed[..index], "", .. needed[(index + 1)..]], argument.Name, "is empty");
                foreach (var value in EveryOption.Wrong(argument))
                    AssertRefused(
                        line,
                        [.. Split(words), .. needed[..first], "--", .. needed[first..index], value, .. needed[(index + 1)..]],
                        argument.Name,
                        value
                    );
            }
            if (path[^1].Arguments.All(argument => argument.Arity.MaximumNumberOfValues == 1))
                AssertRefused(line, [.. Split(words), .. needed, "one-more"], "one-more", "");
        }
    }

    public static TheoryData<string> Programs() => [.. EveryOption.Programs];

    private void ForEachValue(
        string program,
        Action<Builder.Cli.CommandLine, string[], IReadOnlyList<Command>, Option> test,
        bool takesNone = true
    ) =>
        ForEachOption(
            program,
            (line, words, path, option) =>
            {
                if (!EveryOption.IsFlag(option) && (takesNone || option.Arity.MinimumNumberOfValues > 0))
                    test(line, words, path, option);
            }
        );

    private void ForEachOption(string program, Action<Builder.Cli.CommandLine, string[], IReadOnlyList<Command>, Option> test)
    {
        var line = EveryOption.Open(program);
        foreach (var (words, path) in EveryOption.Commands(line, program))
        {
            foreach (var option in EveryOption.Options(path))
                test(line, Split(words), path, option);
        }
    }

    /// <summary>Goes on to the end: one run tells all that is wrong.</summary>
    private void AssertRefused(Builder.Cli.CommandLine line, string[] words, string named, string also)
    {
        string? refusal;
        try
        {
            refusal = line.Refusal(words);
        }
        catch (Exception exception)
        {
            failures.Add($"{string.Join(' ', words)}: {exception}");
            return;
        }
        if (
            refusal is null
            || !refusal.Contains(named, StringComparison.Ordinal)
            || !refusal.Contains(also, StringComparison.Ordinal)
            || refusal.Contains('\n')
            || refusal.Contains("Cannot parse", StringComparison.Ordinal)
        )
            failures.Add($"{string.Join(' ', words)}: {refusal ?? "taken"} (expected: {named}, {also})");
    }

    public void Dispose() => Assert.True(failures.Count == 0, string.Join('\n', failures));

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
