using Builder.Cli.Errors;

namespace Builder.Cli.Files;

/// <summary>A file named on the command line, for readers that go back and forth in it; <c>-</c> is standard input.</summary>
internal static class SeekableInput
{
    /// <summary>What arrives through a pipe is kept in memory, so it is bounded.</summary>
    private const int LargestFromPipe = 1 << 30;

    public static async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (path != "-")
        {
            var file = NamedFile.Open(path);
            if (file.CanSeek)
                return file;
            await using (file)
                return await CopyAsync(file, path, cancellationToken);
        }
        await using var input = Console.OpenStandardInput();
        return await CopyAsync(input, "standard input", cancellationToken);
    }

    private static async Task<MemoryStream> CopyAsync(Stream pipe, string name, CancellationToken cancellationToken)
    {
        var copy = new MemoryStream();
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await pipe.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (copy.Length + read > LargestFromPipe)
                throw new CommandException($"{name}: more than {LargestFromPipe} bytes; save it to a file first and name that");
            copy.Write(buffer, 0, read);
        }
        copy.Position = 0;
        return copy;
    }
}
