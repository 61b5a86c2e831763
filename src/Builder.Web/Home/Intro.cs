using Builder.Web.Html;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Home;

/// <summary>The operator's <c>intro.md</c>, read again when it changes.</summary>
internal sealed class Intro(string? configurationDirectory)
{
    private const int LargestInBytes = 256 * 1024;

    private readonly string? file = configurationDirectory is null ? null : Path.Combine(configurationDirectory, "intro.md");
    private volatile Loaded loaded = new("", null);

    public HtmlString? Html => Current().Html;

    /// <summary>Changes with the file.</summary>
    public string Version => Current().Version;

    private Loaded Current()
    {
        if (file is null)
            return loaded;
        var info = new FileInfo(file);
        var version = info.Exists && info.Length <= LargestInBytes ? $"{info.LastWriteTimeUtc.Ticks}.{info.Length}" : "";
        var current = loaded;
        if (current.Version == version)
            return current;
        return loaded = new Loaded(version, version.Length == 0 ? null : MarkdownText.ToHtml(File.ReadAllText(file), headingShift: 1));
    }

    private sealed record Loaded(string Version, HtmlString? Html);
}
