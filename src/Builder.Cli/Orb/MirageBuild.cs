using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;
using Builder.Cli.Errors;

namespace Builder.Cli.Orb;

/// <summary>
/// Builds a MirageOS unikernel: its sources are configured and its libraries fetched into them before opam builds. A hook of the opam root puts
/// the prepared sources into the build directory, so that the package keeps its address and can be exported.
/// </summary>
internal sealed class MirageBuild(OpamSwitch opam, string package, IReadOnlyList<string> installing)
{
    private const string Duniverse = "duniverse";
    private const string Hook = "pre-build-commands";
    private const string VendoredPrefix = "orb-vendored-";
    private const int MaxLockFile = 16 << 20;
    private const int MaxPackages = 10_000;

    /// <summary>As dune wants it (opam-monorepo pull).</summary>
    private const string DuneFile = "(vendored_dirs *)\n";

    /// <summary>A fixed path: it may get into the binary.</summary>
    private static string Prepared => Path.Combine(Path.GetTempPath(), "orb-build");

    /// <summary>With the versions that the repositories have now.</summary>
    public async Task BuildAsync(OrbPackage wanted, MirageFields fields, OpamPackage opamFile, CancellationToken cancellationToken)
    {
        await opam.RunOnSwitchAsync(["install", wanted.ToString(), "--deps-only", "--unset-root", .. installing], cancellationToken);
        await PrepareAsync(
            async () =>
            {
                await ConfigureAsync(wanted, fields, cancellationToken);
                foreach (var (name, url) in fields.ExtraRepositories)
                    await opam.RunOnSwitchAsync(["repository", "add", name, url, "--this-switch"], cancellationToken);
                await opam.RunCommandAsync(fields.PreBuild, Prepared, cancellationToken);
                foreach (var (name, _) in fields.ExtraRepositories)
                    await opam.RunOnSwitchAsync(["repository", "remove", name, "--all"], cancellationToken);
                using var overlay = EmptyRepository.Create();
                var version = opamFile.Version?.ToString() ?? wanted.Version ?? throw new CommandException($"{wanted} has no version");
                overlay.Add(package, version, WithVendored(opamFile, fields));
                await opam.RunOnSwitchAsync(
                    ["repository", "add", overlay.Repository.Name, overlay.Repository.Url, "--this-switch", "--rank=1"],
                    cancellationToken
                );
                await opam.RunOnSwitchAsync(["install", $"{package}.{version}", .. installing], cancellationToken);
                await opam.RunOnSwitchAsync(["repository", "remove", overlay.Repository.Name, "--all"], cancellationToken);
            },
            cancellationToken
        );
    }

    /// <summary>With what an earlier build recorded: opam fetches the vendored sources and checks their hashes.</summary>
    public async Task ReplayAsync(ReplayedInputs recorded, MirageFields fields, CancellationToken cancellationToken)
    {
        var file = await File.ReadAllBytesAsync(recorded.SwitchFile, cancellationToken);
        var dependencies = Path.Combine(opam.Environment.Root, "dependencies.export");
        await File.WriteAllBytesAsync(
            dependencies,
            SwitchEdit.Without(OpamFile.Parse(file, recorded.SwitchFile), recorded.Root.Name),
            cancellationToken
        );
        await opam.RunOnSwitchAsync(["switch", "import", dependencies, .. installing], cancellationToken);
        await PrepareAsync(
            async () =>
            {
                using var sources = EmptyRepository.Create();
                sources.Add(package, recorded.Root.Version.ToString(), recorded.Switch.Root!.Print(recorded.Root.Name).Span);
                var names = AddVendored(sources, recorded.Switch);
                await opam.RunOnSwitchAsync(
                    ["repository", "add", sources.Repository.Name, sources.Repository.Url, "--this-switch", "--rank=1"],
                    cancellationToken
                );
                await ConfigureAsync(new OrbPackage(package, recorded.Root.Version.ToString()), fields, cancellationToken);
                foreach (var (name, directory) in names)
                    await SourceAsync($"{name}.1", Path.Combine(Prepared, Duniverse, directory), cancellationToken);
                await File.WriteAllTextAsync(Path.Combine(Prepared, Duniverse, "dune"), DuneFile, cancellationToken);
                await opam.RunOnSwitchAsync(["repository", "remove", sources.Repository.Name, "--all"], cancellationToken);
                await opam.RunOnSwitchAsync(["switch", "import", recorded.SwitchFile, .. installing], cancellationToken);
            },
            cancellationToken
        );
    }

    /// <summary>Does something while the hook is in place, in a directory of nobody else.</summary>
    private async Task PrepareAsync(Func<Task> build, CancellationToken cancellationToken)
    {
        if (Path.Exists(Prepared))
            throw new CommandException($"{Prepared} exists: remove it, sources are prepared there", ExitCode.Trouble);
        var condition = new OpamValue.Relational("=", new OpamValue.Ident("name"), Text(package));
        var command = new OpamValue.List([Text("cp"), Text("-a"), Text($"{Prepared}/."), Text(".")]);
        try
        {
            await opam.SetAsync(new OpamItem.Field(Hook, new OpamValue.Option(command, [condition])), cancellationToken);
            await build();
        }
        finally
        {
            await opam.SetAsync(new OpamItem.Field(Hook, new OpamValue.List([])), CancellationToken.None);
            if (Directory.Exists(Prepared))
                OwnRoot.Remove(Prepared);
        }
    }

    private async Task ConfigureAsync(OrbPackage source, MirageFields fields, CancellationToken cancellationToken)
    {
        await SourceAsync(source.ToString(), Prepared, cancellationToken);
        await opam.RunCommandAsync(fields.Configure, Prepared, cancellationToken);
    }

    private Task SourceAsync(string source, string directory, CancellationToken cancellationToken) =>
        opam.RunOnSwitchAsync(["source", source, "--dir", directory], cancellationToken);

    /// <summary>The opam file with the vendored sources that the lock file names, and how their packages depend on each other.</summary>
    private ReadOnlySpan<byte> WithVendored(OpamPackage opamFile, MirageFields fields)
    {
        if (fields.LockFile is null)
            throw new CommandException($"{package}: x-mirage-opam-lock-location is missing, so nothing says which sources are vendored");
        var file = Path.GetFullPath(Path.Combine(Prepared, fields.LockFile));
        if (!file.StartsWith(Prepared + "/", StringComparison.Ordinal) || !File.Exists(file))
            throw new CommandException($"{package}: there is no lock file {fields.LockFile} in the sources after x-mirage-pre-build");
        if (new FileInfo(file).Length > MaxLockFile)
            throw new CommandException($"{package}: the lock file {fields.LockFile} has more than {MaxLockFile} bytes");
        var vendored = OpamFile
            .Parse(File.ReadAllBytes(file), fields.LockFile)
            .Items.OfType<OpamItem.Field>()
            .LastOrDefault(static field => field.Name == MirageFields.Vendored);
        if (vendored is null)
            throw new CommandException($"{package}: the lock file {fields.LockFile} has no {MirageFields.Vendored}");
        var output = new ArrayBufferWriter<byte>(4096);
        OpamPrinter.Print(MirageFields.With(opamFile.Items, vendored, Dependencies(opamFile)).AsSpan(), output);
        output.Write("\n"u8);
        return output.WrittenSpan;
    }

    private OpamItem.Field Dependencies(OpamPackage opamFile)
    {
        var depends = new SortedDictionary<string, ImmutableArray<OpamText>>(StringComparer.Ordinal) { [package] = opamFile.Depends };
        var duniverse = Path.Combine(Prepared, Duniverse);
        var files = Directory.Exists(duniverse)
            ? Directory.EnumerateDirectories(duniverse).SelectMany(static one => Directory.EnumerateFiles(one, "*.opam")).Take(MaxPackages)
            : [];
        foreach (var file in files.Where(static file => new FileInfo(file) is { LinkTarget: null, Length: <= MaxLockFile }))
        {
            if (
                OpamFile.TryParse(File.ReadAllBytes(file), file, out var parsed, out _)
                && OpamPackage.TryRead(parsed, file, out var vendored, out _)
            )
                depends[Path.GetFileNameWithoutExtension(file)] = vendored.Depends;
        }
        return new OpamItem.Field(
            MirageFields.Dependencies,
            new OpamValue.List([
                .. depends.Select(one => new OpamValue.List([
                    Text(one.Key),
                    new OpamValue.List([
                        .. one
                            .Value.Select(static name => name.ToString())
                            .Where(depends.ContainsKey)
                            .Distinct()
                            .Order(StringComparer.Ordinal)
                            .Select(Text),
                    ]),
                ])),
            ])
        );
    }

    /// <returns>The packages that stand for them, with the directory of each.</returns>
    private static List<(string Name, string Directory)> AddVendored(EmptyRepository sources, SwitchExport export)
    {
        if (!VendoredSources.TryRead(export, out var vendored, out var problem))
            throw new CommandException($"{MirageFields.Vendored}: {problem}", ExitCode.Trouble);
        var names = new List<(string, string)>();
        foreach (var source in vendored.Values)
        {
            if (source.Directory.Contains('/', StringComparison.Ordinal) || source.Directory is "" or "." or "..")
                throw new CommandException(
                    $"{MirageFields.Vendored}: \"{source.Directory}\" is not the name of a directory",
                    ExitCode.Trouble
                );
            if (source.Hashes.IsEmpty && !source.Url.Contains('#', StringComparison.Ordinal))
                throw new CommandException($"{MirageFields.Vendored}: {source.Url} has neither a hash nor a commit", ExitCode.Trouble);
            var name = VendoredPrefix + names.Count.ToString(CultureInfo.InvariantCulture);
            var url = new OpamItem.Section(
                "url",
                null,
                [
                    new OpamItem.Field("src", Text(source.Url)),
                    .. source.Hashes.IsEmpty
                        ? []
                        : (OpamItem[])
                            [
                                new OpamItem.Field(
                                    "checksum",
                                    new OpamValue.List([.. source.Hashes.Select(static hash => Text(hash.ToString()))])
                                ),
                            ],
                ]
            );
            var output = new ArrayBufferWriter<byte>();
            OpamPrinter.Print([new OpamItem.Field("opam-version", Text("2.0")), url], output);
            output.Write("\n"u8);
            sources.Add(name, "1", output.WrittenSpan);
            names.Add((name, source.Directory));
        }
        return names;
    }

    private static OpamValue Text(string text) => new OpamValue.Text(OpamText.FromUtf8(text));
}
