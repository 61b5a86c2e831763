using Builder.Cli.Errors;
using Builder.Cli.Files;

namespace Builder.Cli.Inspect;

/// <summary>The file to look into. One that can be gone back in is checked whole before anything is shown or written.</summary>
internal sealed class InspectedFile(string name) : IDisposable
{
    private readonly Stream stream = name == "-" ? Console.OpenStandardInput() : NamedFile.Open(name);
    private bool isAtStart = true;

    public string Name => name == "-" ? "standard input" : name;

    public bool CanBeReadAgain => stream.CanSeek;

    public Stream FromStart()
    {
        if (!isAtStart)
        {
            if (!stream.CanSeek)
                throw new CommandException($"{Name}: cannot be read twice; ask for one thing at a time, or save it to a file first");
            stream.Position = 0;
        }
        isAtStart = false;
        return stream;
    }

    /// <summary>For the small kinds of file.</summary>
    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        const int longest = 1 << 30;
        var from = FromStart();
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (memory.Length + count > longest)
                throw new CommandException($"{Name}: longer than {longest} bytes; only builds are read at any length");
            memory.Write(buffer, 0, count);
        }
        return memory.ToArray();
    }

    public void Dispose() => stream.Dispose();
}
