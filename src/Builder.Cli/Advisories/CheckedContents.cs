using Builder.Analysis.Advisories;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Cli.Files;

namespace Builder.Cli.Advisories;

/// <summary>Reads the targets of a check: by what is in a file, not by its name.</summary>
internal sealed class CheckedContents
{
    private readonly List<CheckedContent> contents = [];
    private readonly List<(string Name, LinkedUnits Modules, CheckedContent? Switch)> binaries = [];
    private readonly List<string> problems;
    private CheckedContent? lastSwitch;
    private CheckedContent? firstSwitch;

    private CheckedContents(List<string> problems) => this.problems = problems;

    /// <param name="problems">Gets a sentence for each target, or part of one, that cannot be read.</param>
    public static async Task<List<CheckedContent>> ReadAsync(
        IReadOnlyList<string> targets,
        List<string> problems,
        CancellationToken cancellationToken
    )
    {
        var read = new CheckedContents(problems);
        foreach (var target in targets)
        {
            await using var file = await SeekableInput.OpenAsync(target, cancellationToken);
            read.Add(target == "-" ? "standard input" : target, file);
        }
        read.JoinBinaries();
        return read.contents;
    }

    private void Add(string name, Stream file)
    {
        var magic = new byte[4];
        var length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (length == 4 && magic.AsSpan().SequenceEqual("\u007FELF"u8))
            AddBinary(name, file);
        else
            AddList(name, file);
    }

    private void AddList(string name, Stream file)
    {
        if (file.Length > OpamFile.MaximumLength)
        {
            problems.Add($"{name}: neither a binary nor an opam-switch: it has more than {OpamFile.MaximumLength >> 20} MiB");
            return;
        }
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        if (!OpamFile.TryParse(bytes, name, out var opam, out var error) || !SwitchPackages.IsSwitch(opam))
        {
            if (SystemPackages.IsOne(bytes))
                AddSet(name, SystemPackages.Of(bytes));
            else
                problems.Add(
                    error is null
                        ? $"{name}: it says nothing of packages: no field installed, as opam switch export writes it"
                        : $"{error.Message}; neither an opam-switch, nor system-packages, nor an ELF binary"
                );
            return;
        }
        try
        {
            lastSwitch = AddSet(name, SwitchPackages.Of(SwitchExport.Read(opam, name)));
            firstSwitch ??= lastSwitch;
        }
        catch (OpamSyntaxException exception)
        {
            problems.Add(exception.Message);
        }
    }

    private void AddBinary(string name, Stream file)
    {
        if (!ElfFile.TryRead(file, out var elf, out var reason))
        {
            problems.Add($"{name}: {reason}");
            return;
        }
        var own = new[] { GoBuildInfo.Read(elf), RustAudit.Read(elf) }.OfType<PackageSet>().ToList();
        foreach (var set in own)
            AddSet(name, set);
        var modules = LinkedUnits.Of(elf, out reason);
        if (reason is not null)
            problems.Add($"{name}: {reason}");
        if (own.Count == 0)
            binaries.Add((name, modules, lastSwitch));
    }

    private CheckedContent AddSet(string name, PackageSet set)
    {
        problems.AddRange(set.Problems.Select(problem => $"{name}: {problem}"));
        var content = new CheckedContent(name, set.Packages);
        contents.Add(content);
        return content;
    }

    /// <summary>A binary belongs to the switch that was named before it, else to the first one behind it.</summary>
    private void JoinBinaries()
    {
        foreach (var (name, modules, before) in binaries)
        {
            if ((before ?? firstSwitch) is { } content)
                content.Binaries.Add(modules);
            else
                problems.Add(
                    $"{name}: the binary has no list of packages (of Go or cargo auditable); name the opam-switch of its build beside it"
                );
        }
    }
}
