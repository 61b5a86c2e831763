using Builder.Analysis.Opam;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Inspect;
using Builder.Cli.Recording;
using Builder.Cli.Reproduce;
using Builder.Protocol.Values;

namespace Builder.Cli.Orb;

/// <summary>Writes what an opam build leaves: its inputs, its files, and opam's record of them.</summary>
internal sealed class OrbRecord(string directory)
{
    private const int CopyBuffer = 1 << 17;
    private const string HashesEnding = ".build-hashes";

    public static string HashesOf(string package) => package + HashesEnding;

    /// <summary><c>opam-switch</c>, <c>build-environment</c> and <c>system-packages</c>.</summary>
    public async Task WriteInputsAsync(OpamSwitch opam, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        await WriteAsync(BuildFiles.Environment, opam.Environment.Write(await opam.FactsAsync(cancellationToken)), cancellationToken);
        await WriteAsync(BuildFiles.Packages, await HostPackages.RecordAsync(cancellationToken), cancellationToken);
        await WriteAsync(BuildFiles.Switch, await opam.ExportAsync(cancellationToken), cancellationToken);
    }

    /// <summary>The files that the package installed, by their path in the switch, and <c>PACKAGE.build-hashes</c>.</summary>
    /// <exception cref="CommandException">A file is in the way, or opam's record leads out of the switch.</exception>
    public async Task WriteInstalledAsync(OpamSwitch opam, string package, CancellationToken cancellationToken)
    {
        var record = opam.PathOf($".opam-switch/install/{package}.changes");
        var bytes = await File.ReadAllBytesAsync(record, cancellationToken);
        using var confined = new ConfinedDirectory(directory);
        foreach (
            var installed in InstallRecord
                .Parse(bytes, record)
                .Where(static file => file.Kind is InstalledFileKind.File or InstalledFileKind.Link)
        )
        {
            if (!ArtifactPath.TryParse(ByteString.FromUtf8(installed.Path), out var path, out var reason))
                throw new CommandException($"{record}: {reason}");
            await CopyAsync(opam, installed, path, confined, cancellationToken);
        }
        await WriteAsync(HashesOf(package), bytes, cancellationToken);
    }

    private static async Task CopyAsync(
        OpamSwitch opam,
        InstalledFile installed,
        ArtifactPath path,
        ConfinedDirectory confined,
        CancellationToken cancellationToken
    )
    {
        var source = new FileInfo(opam.PathOf(installed.Path));
        var target = source.LinkTarget is null
            ? source
            : (FileInfo)(source.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? source);
        if (!target.Exists || target.LinkTarget is not null)
            return; // a link to a directory or to nothing
        if (!Path.GetFullPath(target.FullName).StartsWith(opam.Environment.SwitchDirectory + "/", StringComparison.Ordinal))
        {
            await Console.Error.WriteLineAsync($"orb: not copied: {installed.Path} is a link out of the switch");
            return;
        }
        await using var from = target.OpenRead();
        await using var to = confined.Create(path);
        await from.CopyToAsync(to, CopyBuffer, cancellationToken);
        File.SetUnixFileMode(to.SafeFileHandle, target.UnixFileMode);
    }

    private Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        DurableOutput.WriteAsync(
            Path.Combine(directory, name),
            async stream => await stream.WriteAsync(content, cancellationToken),
            cancellationToken
        );
}
