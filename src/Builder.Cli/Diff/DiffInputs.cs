using Builder.Analysis.Difference;
using Builder.Analysis.Elf;
using Builder.Cli.Files;
using Builder.Cli.Inspect;

namespace Builder.Cli.Diff;

/// <summary>Opens the sides of a comparison. Contents and temporary directories go when it is disposed.</summary>
internal sealed class DiffInputs(DiffProgress progress) : IDisposable
{
    private const int CopyBuffer = 1 << 17;

    private readonly List<IDisposable> open = [];
    private readonly List<string> temporary = [];
    private SiteClient? site;

    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    /// <exception cref="Errors.CommandException">A download failed, or is not what the site says.</exception>
    public async Task<DiffInput> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (name == "-")
        {
            await using var input = Console.OpenStandardInput();
            return new DiffInput("standard input") { Content = await SpoolAsync(input, "standard input", cancellationToken) };
        }
        if (SiteUrl.TryParse(name, out var url))
            return await DownloadAsync(name, url, cancellationToken);
        if (Directory.Exists(name))
            return new DiffInput(name) { Directory = name };
        var file = NamedFile.Open(name);
        if (file.CanSeek)
        {
            open.Add(file);
            return new DiffInput(name) { Content = new Content(Path.GetFileName(name), ByteSource.Of(file.SafeFileHandle)) };
        }
        // A pipe, such as <(command).
        await using (file)
            return new DiffInput(name) { Content = await SpoolAsync(file, name, cancellationToken) };
    }

    public void Dispose()
    {
        open.ForEach(static file => file.Dispose());
        site?.Dispose();
        foreach (var directory in temporary)
            Directory.Delete(directory, recursive: true);
    }

    private async Task<DiffInput> DownloadAsync(string name, SiteUrl url, CancellationToken cancellationToken)
    {
        site ??= new SiteClient(progress);
        if (!url.IsBuild)
        {
            var file = CreateFile();
            await site.DownloadAsync(url, file, cancellationToken);
            return new DiffInput(name) { Content = new Content(url.FileName, ByteSource.Of(file.SafeFileHandle)) };
        }
        var directory = Directory.CreateTempSubdirectory("builder-diff-").FullName;
        temporary.Add(directory);
        using var confined = new ConfinedDirectory(directory);
        var build = await site.ExtractAsync(
            url,
            async (path, content, stop) =>
            {
                await using var file = confined.Create(path);
                await content.CopyToAsync(file, CopyBuffer, stop);
            },
            cancellationToken
        );
        return new DiffInput(name)
        {
            Directory = directory,
            HasModes = false,
            Facts = build.Facts,
        };
    }

    private async Task<Content> SpoolAsync(Stream input, string name, CancellationToken cancellationToken)
    {
        progress.Show($"reading {name}");
        var file = CreateFile();
        await new BoundedInput(input, name, progress).CopyToAsync(file, CopyBuffer, cancellationToken);
        await file.FlushAsync(cancellationToken);
        return new Content(Path.GetFileName(name), ByteSource.Of(file.SafeFileHandle));
    }

    private FileStream CreateFile()
    {
        var file = TemporaryFile.Create();
        open.Add(file);
        return file;
    }
}
