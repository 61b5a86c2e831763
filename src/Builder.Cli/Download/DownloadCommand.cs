using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Posix;

namespace Builder.Cli.Download;

/// <summary><c>builder client download URL</c>: an artifact of a site, as a patch of a file that is here where the site has one.</summary>
internal static class DownloadCommand
{
    public static Command Create()
    {
        var address = ArtifactUrl.Argument();
        var output = new Option<string?>("--output", "-o")
        {
            Description =
                "Write to this file (default: the name in the URL, in this directory). An earlier file there serves as --have, and is replaced.",
            HelpName = "FILE",
        };
        var have = new Option<string?>("--have")
        {
            Description =
                "The artifact of an earlier build, or a directory with such files (default: none but the output file). Up to 8 files of at most 128 MiB "
                + "are offered to the site by SHA-256: those of the artifact's name first, then the newest.",
            HelpName = "FILE|DIR",
        };
        var command = new Command(
            "download",
            "Download an artifact of a site and check its SHA-256. Where an earlier build's file is here, only the difference is downloaded (RFC 9842). "
                + "Run the same command again to continue an interrupted download."
        )
        {
            address,
            output,
            have,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var url = parsed.GetRequiredValue(address);
                var name =
                    parsed.GetValue(output)
                    ?? url.FileName
                    ?? throw new UsageException($"{url.Url.Shown} does not end in a file name; give --output FILE");
                var download = new ArtifactDownload(url, Target(name), Have(parsed.GetValue(have)));
                await Console.Out.WriteLineAsync(await download.RunAsync(cancellationToken));
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static string Target(string name)
    {
        var path = Followed(Path.GetFullPath(name));
        return Path.EndsInDirectorySeparator(path) || EntryStatus.Of(path) is { Type: not EntryType.File }
            ? throw new UsageException($"--output: \"{Printable.Of(name)}\" is not a regular file; give the name of a file")
            : path;
    }

    private static string? Have(string? path) =>
        path is null ? null
        : EntryStatus.Of(Followed(Path.GetFullPath(path))) is { Type: EntryType.File or EntryType.Directory } ? path
        : throw new UsageException($"--have: \"{Printable.Of(path)}\" is neither a file nor a directory");

    private static string Followed(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
}
