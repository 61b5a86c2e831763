using Builder.Analysis.Opam;
using Builder.Cli.Errors;
using Builder.Cli.Reproduce;

namespace Builder.Cli.Orb;

/// <summary>What an earlier opam build recorded, to be built again from.</summary>
/// <param name="SwitchFile">The path of its <c>opam-switch</c>.</param>
/// <param name="Root">The package that was built.</param>
internal sealed record ReplayedInputs(string SwitchFile, SwitchExport Switch, PackageId Root, OrbEnvironment Environment)
{
    /// <summary>Names the directory, for jobs that repeat a build.</summary>
    public const string Variable = "BUILDER_RECORDED";

    /// <returns>Null where the directory is of a build that was not of opam.</returns>
    /// <exception cref="CommandException">The files cannot be used; the message says why.</exception>
    public static async Task<ReplayedInputs?> TryReadAsync(string directory, CancellationToken cancellationToken)
    {
        var file = Path.Combine(directory, BuildFiles.Switch);
        var environment = Path.Combine(directory, BuildFiles.Environment);
        if (!File.Exists(file) || !File.Exists(environment))
            return null;
        SwitchExport export;
        try
        {
            export = SwitchExport.Parse(await ReadAsync(file, cancellationToken), file);
        }
        catch (OpamSyntaxException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Trouble);
        }
        if (export.Roots is not [var root])
            throw new CommandException($"{file} has {export.Roots.Length} root packages; a build has exactly one", ExitCode.Trouble);
        return new ReplayedInputs(
            Path.GetFullPath(file),
            export,
            root,
            OrbEnvironment.Read(await ReadAsync(environment, cancellationToken), environment)
        );
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken) =>
        new FileInfo(file).Length <= OpamFile.MaximumLength
            ? await File.ReadAllBytesAsync(file, cancellationToken)
            : throw new CommandException($"{file} has more than {OpamFile.MaximumLength} bytes", ExitCode.Trouble);
}
