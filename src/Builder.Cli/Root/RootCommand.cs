using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Worker.Roots;

namespace Builder.Cli.Root;

/// <summary><c>builder root</c>: directory trees that jobs see as their root directory.</summary>
internal static class RootCommand
{
    public static Command Create() =>
        new(
            "root",
            """
            Make and check directory trees for "builder worker --root".

            Jobs of such a worker see the tree as their root directory, with a layer of their own over it. Nothing of the worker's
            machine is there but what --show names. The tree's digest goes into the record of each build.
            """
        )
        {
            CreateMake(),
            CreateCheck(),
            CreateList(),
        };

    private static Command CreateMake()
    {
        var name = new Argument<Distribution>("SYSTEM")
        {
            Description = $"One of {Distribution.Names}.",
            CustomParser = static result =>
            {
                if (Distribution.Find(result.Tokens[0].Value) is { } known)
                    return known;
                result.AddError($"\"{result.Tokens[0].Value}\" is not known; these are: {Distribution.Names}");
                return null;
            },
        };
        var directory = Directory("Where the tree is to be; must not exist, or be empty.");
        var include = new Option<string[]>("--include")
        {
            Description = "A package to install beside the base system, such as build-essential. May be repeated.",
            HelpName = "PACKAGE",
            DefaultValueFactory = static _ => [],
        };
        var mirror = new Option<Uri?>("--mirror")
        {
            Description = "Where packages are downloaded. Default: the distribution's own.",
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var command = new Command(
            "make",
            """
            Make a tree of a distribution, with mmdebstrap or else debootstrap.

            Writes DIRECTORY and beside it DIRECTORY.root.json: the tree's digest, and each package with its version and the
            SHA-256 of its .deb file. Prints the digest. Run it as root.

            Example:
              builder root make debian-12 /srv/roots/debian-12 --include build-essential
            """
        )
        {
            name,
            directory,
            include,
            mirror,
        };
        command.Validators.Add(result =>
        {
            foreach (var package in result.GetValue(include) ?? [])
            {
                if (!Distribution.IsPackageName(package))
                    result.AddError($"--include: \"{package}\" is no name of a package, such as build-essential");
            }
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var record = await TreeMaker.MakeAsync(
                    parsed.GetRequiredValue(name),
                    parsed.GetRequiredValue(directory),
                    parsed.GetRequiredValue(include),
                    parsed.GetValue(mirror)?.ToString().TrimEnd('/'),
                    cancellationToken
                );
                Console.Out.WriteLine($"tree:sha256:{record.Sha256}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command CreateCheck()
    {
        var directory = Directory("The tree.");
        var command = new Command(
            "check",
            """
            Compute the digest of a tree again, and compare it with DIRECTORY.root.json where that is there.

            Example:
              builder root check /srv/roots/debian-12

            Exit code: 0 if it is the recorded one, or none is recorded; 1 if it is another; 2 if the tree cannot be read.
            """
        )
        {
            directory,
        };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Check(parsed.GetRequiredValue(directory), cancellationToken)));
        return command;
    }

    private static int Check(string directory, CancellationToken cancellationToken)
    {
        directory = TreeRecord.TreePath(directory);
        TreeReading reading;
        TreeRecord? record;
        try
        {
            record = TreeRecord.Read(directory);
            reading = TreeReader.Read(directory, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"root check: {exception.Message}");
            return ExitCode.Trouble;
        }
        Console.Out.WriteLine($"tree:sha256:{reading.Sha256}");
        if (record is null)
        {
            Console.Error.WriteLine($"{TreeRecord.PathOf(directory)} is not there: nothing to compare with");
            return ExitCode.Success;
        }
        if (record.Sha256 == reading.Sha256)
            return ExitCode.Success;
        Console.Error.WriteLine(
            $"{directory} was changed after it was made: {TreeRecord.PathOf(directory)} has sha256:{record.Sha256}; make it again: builder root make"
        );
        return ExitCode.Different;
    }

    private static Command CreateList()
    {
        var parent = new Argument<string>("PARENT")
        {
            Description = "The directory that has the trees. Default: the current one.",
            DefaultValueFactory = static _ => ".",
        };
        var command = new Command("list", "List the trees that \"root make\" made in a directory: path, system, packages, digest.")
        {
            parent,
        };
        command.SetAction(parsed =>
        {
            foreach (var (path, record) in TreeRecord.In(parsed.GetRequiredValue(parent)))
                Console.Out.WriteLine($"{path}\t{record.System}\t{record.Packages.Count} packages\ttree:sha256:{record.Sha256}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Argument<string> Directory(string description) => new("DIRECTORY") { Description = description };
}
