using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Programs;
using Builder.Cli.Recording;
using Builder.Cli.Reproduce;

namespace Builder.Cli.Record;

/// <summary>Runs <c>builder record</c>: writes down what goes in, then runs the command.</summary>
internal static class RecordRun
{
    /// <returns>The exit code of the command; 0 without one.</returns>
    /// <exception cref="CommandException">An input cannot be recorded; the command has not run then.</exception>
    public static async Task<int> RunAsync(RecordOptions options, CancellationToken cancellationToken)
    {
        var list = new InputList();
        foreach (var download in options.Downloads)
            list.AddDownload(download, await FetchAsync(download, cancellationToken));
        foreach (var input in options.Inputs)
            await list.AddAsync(input, cancellationToken);
        foreach (var checkout in options.Checkouts)
            await list.AddCheckoutAsync(checkout, cancellationToken);
        Directory.CreateDirectory(options.Out);
        await WriteAsync(options, BuildFiles.Inputs, list.Write(), cancellationToken);
        await WriteAsync(
            options,
            BuildFiles.Environment,
            RecordedEnvironment.Write(options.Variables, Environment.GetEnvironmentVariable),
            cancellationToken
        );
        await WriteAsync(options, BuildFiles.Packages, await HostPackages.RecordAsync(cancellationToken), cancellationToken);
        return options.Command.Count == 0
            ? ExitCode.Success
            : await ProgramRun.RunAsync(new ProgramStart(options.Command[0], [.. options.Command.Skip(1)]), cancellationToken);
    }

    /// <summary>Into the current directory, under its own name.</summary>
    private static async Task<Sha256Digest> FetchAsync(Download download, CancellationToken cancellationToken)
    {
        await using var progress = new DiffProgress();
        using var site = new SiteClient(progress);
        try
        {
            await using (var file = new FileStream(download.FileName, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                await site.DownloadAsync(new SiteUrl(download.Address, IsBuild: false), file, cancellationToken);
                file.Position = 0;
                var digest = Sha256Digest.FromBytes(await SHA256.HashDataAsync(file, cancellationToken));
                if (download.Digest is null || download.Digest == digest)
                    return digest;
                throw new CommandException(
                    $"{download.Address}: SHA-256 mismatch: {download.Digest} was expected, the bytes have {digest}"
                );
            }
        }
        catch (CommandException)
        {
            File.Delete(download.FileName);
            throw;
        }
    }

    private static Task WriteAsync(RecordOptions options, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        DurableOutput.WriteAsync(
            Path.Combine(options.Out, name),
            async stream => await stream.WriteAsync(content, cancellationToken),
            cancellationToken
        );
}
