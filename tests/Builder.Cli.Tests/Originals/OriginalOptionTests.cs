using Builder.Cli.Originals;

namespace Builder.Cli.Tests.Originals;

/// <summary>What scripts and units of the original programs say goes on to be understood.</summary>
[Collection(Parsing.CommandTrees.Name)]
public sealed class OriginalOptionTests
{
    private static readonly string[] Periods = ["hourly", "daily", "weekly", "never"];

    public static TheoryData<string> Programs() => [.. OriginalPrograms.All.Select(program => program.Name)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_option_of_every_command_is_taken(string program)
    {
        var line = new CommandLine(OriginalPrograms.Find(program));
        var options = OriginalCommandLines.Options().Where(option => option.Program == program).ToList();
        Assert.True(options.Count >= 9, $"{options.Count} options of {program} found in the list");
        var refused = new List<string>();
        foreach (var (_, command, arguments, option) in options)
        {
            foreach (var given in Ways(option))
            {
                string[] words =
                [
                    .. command.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                    .. given,
                    .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Argument),
                ];
                if (line.Refusal(words) is { } refusal)
                    refused.Add($"{program} {string.Join(' ', words)}: {refusal}");
            }
        }
        Assert.True(refused.Count == 0, string.Join('\n', refused));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_beginning_of_an_option_that_fits_no_other_is_taken(string program)
    {
        var line = new CommandLine(OriginalPrograms.Find(program));
        var refused = new List<string>();
        foreach (
            var command in OriginalCommandLines
                .Options()
                .Where(option => option.Program == program)
                .GroupBy(option => (option.Command, option.Arguments))
        )
        {
            var names = command.Select(option => option.Option.Split('=')[0]).Where(name => name[1] == '-').Distinct().ToList();
            if (program is "builder-server" or "builder-worker" or "builder-client" or "builder-inspect")
                names.Add("--version");
            foreach (var (_, _, _, option) in command.Where(option => option.Option.StartsWith("--", StringComparison.Ordinal)))
            {
                var name = option.Split('=')[0];
                var shortest = Enumerable
                    .Range(3, name.Length - 2)
                    .Select(length => name[..Math.Min(length, name.Length)])
                    .First(beginning =>
                        beginning == name || names.Count(other => other.StartsWith(beginning, StringComparison.Ordinal)) == 1
                    );
                string[] words =
                [
                    .. command.Key.Command.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                    option.Contains('=', StringComparison.Ordinal) ? $"{shortest}={Value(name)}" : shortest,
                    .. command.Key.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Argument),
                ];
                if (line.Refusal(words) is { } refusal)
                    refused.Add($"{program} {string.Join(' ', words)}: {refusal}");
            }
        }
        Assert.True(refused.Count == 0, string.Join('\n', refused));
    }

    [Fact]
    public void The_list_of_options_in_the_program_is_the_list_of_the_original_programs()
    {
        foreach (var (program, command, _, option) in OriginalCommandLines.Options())
        {
            var name = option.Split('=')[0];
            Assert.True(
                OriginalPrograms.Find(program)!.OptionsOf(command).Any(known => known.Names.Contains(name)),
                $"{program} {command} {name} is not in {nameof(OriginalPrograms)}"
            );
        }
    }

    [Fact]
    public void The_documentation_says_of_every_option_whether_it_is_the_same()
    {
        var sections = Builder.Testing.Vectors.ReadText("drop-in.md").Split("\n## ");
        var missing = new List<string>();
        foreach (var (program, command, _, option) in OriginalCommandLines.Options())
        {
            var name = option.Split('=')[0];
            var rows = sections
                .Where(section =>
                    section.StartsWith(program, StringComparison.Ordinal) || section.StartsWith("Every program", StringComparison.Ordinal)
                )
                .SelectMany(section => section.Split('\n'))
                .Where(row => row.StartsWith("| ", StringComparison.Ordinal))
                .ToList();
            if (
                !rows.Any(row =>
                    row.Contains($"`{name}`", StringComparison.Ordinal)
                    || row.Contains($"`{name}=", StringComparison.Ordinal)
                    || row.Contains($"`{name} ", StringComparison.Ordinal)
                )
            )
                missing.Add($"{program}: {name}");
            var first = command.Split('-')[0];
            if (
                command.Length > 0
                && !rows.Any(row =>
                    row.Contains($"`{command}", StringComparison.Ordinal)
                    || (program == "builder-migrations" && row.Contains($"`{first}-", StringComparison.Ordinal))
                )
            )
                missing.Add($"{program}: {command}");
        }
        Assert.True(missing.Count == 0, string.Join('\n', missing.Distinct()));
    }

    [Theory]
    [InlineData("builder-web", "", "", "-h=VAL")]
    [InlineData("builder-worker", "", "PLATFORM", "--color=WHEN")]
    [InlineData("builder-client", "schedule", "NAME PLATFORM FILE", "--period=PERIOD")]
    [InlineData("builder-db", "vacuum except-latest-successful", "N", "--job=JOB")]
    [InlineData("builder-db", "user-add", "USERNAME", "--unrestricted")]
    [InlineData("builder-migrations", "fixup-2021-07-07a", "", "--datadir=DIR")]
    public void The_list_is_read_whole(string program, string command, string arguments, string option) =>
        Assert.Contains((program, command, arguments, option), OriginalCommandLines.Options());

    /// <summary><c>--port=1</c> and <c>--port 1</c>; <c>-p 1</c> and <c>-p1</c>.</summary>
    private static IEnumerable<string[]> Ways(string option)
    {
        var name = option.Split('=')[0];
        if (!option.Contains('=', StringComparison.Ordinal))
            return
            [
                [name],
            ];
        var value = Value(name);
        return name == "--help"
                ?
                [
                    [name],
                    [$"{name}={value}"],
                ]
            : name[1] == '-'
                ?
                [
                    [$"{name}={value}"],
                    [name, value],
                ]
            :
            [
                [name, value],
                [name + value],
            ];
    }

    private static string Value(string option) =>
        option switch
        {
            "--help" => "plain",
            "--verbosity" => "info",
            "--color" => "never",
            "-r" or "--remote" => "127.0.0.1:1234",
            "--ip" or "-h" or "--host" => "192.0.2.1",
            "-p" or "--port" => "8080",
            "--upload" => "http://user:password@127.0.0.1:3000/upload",
            "--period" => Periods[1],
            "--platform" => "debian-12",
            "--job" => "hello",
            "--expired-jobs" => "30",
            "-l" or "--logging-levels" => "*:info,http:debug",
            "--scrypt-n" => "16384",
            "--scrypt-r" or "--scrypt-p" => "8",
            _ => "/etc",
        };

    private static string Argument(string name) =>
        name switch
        {
            "ID" or "BUILD" => "b92c500e-03fc-44d9-95de-50e5e6f91479",
            "NEXT" or "DATE" => "2026-11-22t06:00:00.123456789012z",
            "N" => "3",
            "FILE" => "/etc/hostname",
            "OPAM" => "dns-primary.1.0",
            _ => "hello",
        };
}
