namespace Builder.Cli.Inspect;

/// <summary>A file that appears under its name only when it is complete.</summary>
internal static class ReplacedFile
{
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var unfinished = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            await using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
                await write(stream);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
