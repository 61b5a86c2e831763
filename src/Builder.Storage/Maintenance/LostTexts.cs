using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;

namespace Builder.Storage.Maintenance;

/// <summary>Writes a build's script or console anew from its kept exec, which holds both: the same bytes as when it was stored.</summary>
internal sealed class LostTexts(DataDirectory directory, DurableFiles files)
{
    /// <param name="beforePlacing">Called once the text is there whole, before it takes its place.</param>
    /// <returns>False where the exec is gone as well, or cannot be read.</returns>
    public async Task<bool> TryRestoreAsync(string path, Action beforePlacing, CancellationToken cancellationToken)
    {
        var target = directory.Resolve(path);
        var exec = Path.Combine(Path.GetDirectoryName(target)!, ExecSkeleton.FileName);
        if (DirectoryEntries.KindOf(exec) != EntryKind.File)
            return false;
        using var staging = Staging.Create(directory, files);
        try
        {
            await using (
                var source = new FileStream(
                    exec,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.Read | FileShare.Delete,
                    128 * 1024,
                    FileOptions.Asynchronous
                )
            )
            await using (var file = files.Create(staging["text"]))
            {
                var reader = new ExecReader(source, ExecLimits.Default);
                var head = await reader.ReadHeadAsync(cancellationToken);
                if (Path.GetFileName(target) == "script.txt")
                    await file.WriteAsync(head.Job.Script.Memory, cancellationToken);
                else
                    await WriteConsoleAsync(reader, staging, file, cancellationToken);
                await files.FlushAsync(file, cancellationToken);
            }
            beforePlacing();
            files.Move(staging["text"], target);
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
        finally
        {
            staging.Delete();
        }
    }

    private static async Task WriteConsoleAsync(ExecReader reader, Staging staging, FileStream file, CancellationToken cancellationToken)
    {
        await using var console = new ConsoleSpool(staging["console"]);
        await foreach (var line in (await reader.ReadConsoleAsync(cancellationToken)).NewestFirst.WithCancellation(cancellationToken))
            await console.AddAsync(line, cancellationToken);
        await ConsoleText.WriteAsync(console.ReversedAsync(cancellationToken), file, cancellationToken);
    }
}
