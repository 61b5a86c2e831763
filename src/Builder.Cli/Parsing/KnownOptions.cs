using System.CommandLine;
using System.CommandLine.Help;
using Builder.Cli.Originals;
using Builder.Cli.Text;

namespace Builder.Cli.Parsing;

/// <summary>The options that a command takes at one place of the command line, and how a name finds one.</summary>
internal sealed class KnownOptions
{
    private static readonly OptionShape Help = new(["--help", "-h", "-?"], null, OptionMeaning.Help, OptionValue.Optional, true, [], false);
    private static readonly OptionShape Version = new(["--version"], null, OptionMeaning.Version, OptionValue.None, true, [], false);

    private readonly List<OptionShape> originals = [];
    private readonly List<OptionShape> own = [];
    private readonly bool takesBeginnings;

    /// <param name="path">From the root to the command.</param>
    /// <param name="command">The command's name in the original program.</param>
    public KnownOptions(IReadOnlyList<Command> path, OriginalProgram? original, string command)
    {
        takesBeginnings = original is not null;
        for (var depth = path.Count - 1; depth >= 0; depth--)
        {
            var isInnermost = depth == path.Count - 1;
            own.AddRange(
                path[depth]
                    .Options.Where(option => option is not (HelpOption or VersionOption) && (isInnermost || option.Recursive))
                    .Select(OptionShape.Of)
            );
        }
        own.Add(Help);
        own.Add(Version);
        foreach (var option in original?.OptionsOf(command) ?? [])
            originals.Add(Shape(option));
    }

    /// <exception cref="UsageException">There is none of that name, or a beginning fits several.</exception>
    public OptionShape Find(string name)
    {
        if (Exact(originals, name) is { } theirs)
            return theirs;
        if (Exact(own, name) is { } ours)
            return ours;
        // Short names have one letter: only long ones have beginnings.
        if (takesBeginnings && name.StartsWith("--", StringComparison.Ordinal) && name.Length > 2)
            return Beginning(originals, name) ?? Beginning(own, name) ?? throw Unknown(name);
        throw Unknown(name);
    }

    private static OptionShape? Exact(List<OptionShape> among, string name) => among.Find(shape => shape.Names.Contains(name));

    private static OptionShape? Beginning(List<OptionShape> among, string name)
    {
        var fitting = among.FindAll(shape => shape.Names.Any(other => other.StartsWith(name, StringComparison.Ordinal)));
        return fitting.Count < 2
            ? fitting.FirstOrDefault()
            : throw new UsageException(
                $"{Printable.Of(name)} is the beginning of several options: {string.Join(", ", fitting.Select(shape => LongName(shape, name)))}"
            );
    }

    private static string LongName(OptionShape shape, string name) =>
        shape.Names.First(other => other.StartsWith(name, StringComparison.Ordinal));

    private UsageException Unknown(string name)
    {
        var near = originals
            .Concat(own)
            .SelectMany(shape => shape.Names)
            .Where(other =>
                name.Length > 3
                && other.Length > 3
                && (
                    other.StartsWith(name, StringComparison.Ordinal)
                    || name.StartsWith(other, StringComparison.Ordinal)
                    || IsNear(other, name)
                )
            )
            .Distinct()
            .ToList();
        return new UsageException(
            $"unknown option {Printable.Of(name)}{(near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", near)}?")}"
        );
    }

    /// <summary>One letter more, less or other, or two letters in each other's place.</summary>
    private static bool IsNear(string left, string right)
    {
        var start = left.AsSpan().CommonPrefixLength(right);
        var (restOfLeft, restOfRight) = (left[start..], right[start..]);
        return restOfLeft.Length > 0 && restOfRight.Length > 0
            ? restOfLeft[1..] == restOfRight[1..]
                || restOfLeft[1..] == restOfRight
                || restOfLeft == restOfRight[1..]
                || (
                    restOfLeft.Length > 1
                    && restOfRight.Length > 1
                    && restOfLeft[0] == restOfRight[1]
                    && restOfLeft[1] == restOfRight[0]
                    && restOfLeft[2..] == restOfRight[2..]
                )
            : Math.Max(restOfLeft.Length, restOfRight.Length) == 1;
    }

    private OptionShape Shape(OriginalOption option)
    {
        var (meaning, value) = option.Name switch
        {
            "--help" => (OptionMeaning.Help, OptionValue.Optional),
            "--version" => (OptionMeaning.Version, OptionValue.None),
            "--quiet" => (OptionMeaning.Quiet, OptionValue.None),
            "--verbose" => (OptionMeaning.Verbose, OptionValue.None),
            "--verbosity" => (OptionMeaning.Verbosity, OptionValue.Required),
            "--color" => (OptionMeaning.Color, OptionValue.Required),
            "--logging-levels" => (OptionMeaning.LoggingLevels, OptionValue.Required),
            _ => (OptionMeaning.Own, OptionValue.Required),
        };
        string[] names = [option.Name, .. option.Names.Where(name => name != option.Name)];
        if (meaning != OptionMeaning.Own)
            return new OptionShape(
                names,
                null,
                meaning,
                value,
                meaning is not (OptionMeaning.Verbosity or OptionMeaning.Color),
                option.Values,
                true
            );
        var ours =
            Exact(own, option.Target)
            ?? throw new InvalidOperationException($"there is no {option.Target} for {option.Name} of an original program");
        return ours with { Names = names, Values = option.Values, IsOriginal = true };
    }
}
