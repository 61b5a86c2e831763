using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>
/// The files <c>orb-build.template.PLATFORM</c> of the configuration directory, read anew each time: an operator changes them while the
/// server runs.
/// </summary>
internal sealed class OrbTemplates(string directory) : IOrbTemplates
{
    private const long MaxTemplateSize = 1 << 20;

    public bool Has(Platform platform) => File.Exists(PathOf(platform));

    public ScriptJob? Expand(OrbBuildJob job, Platform platform)
    {
        byte[] template;
        try
        {
            var file = new FileInfo(PathOf(platform));
            if (!file.Exists || file.Length > MaxTemplateSize)
                return null;
            template = File.ReadAllBytes(file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        var script = Replace(template, "%%OPAM_PACKAGE%%"u8, job.OpamPackage.Span);
        script = Replace(script, "%%PLATFORM%%"u8, platform.Bytes.Span);
        return new ScriptJob(job.Name, platform.Bytes, new ByteString(script));
    }

    public string PathOf(Platform platform) => Path.Combine(directory, $"orb-build.template.{platform}");

    private static byte[] Replace(ReadOnlySpan<byte> text, ReadOnlySpan<byte> what, ReadOnlySpan<byte> with)
    {
        using var result = new MemoryStream();
        for (var at = text.IndexOf(what); at >= 0; at = text.IndexOf(what))
        {
            result.Write(text[..at]);
            result.Write(with);
            text = text[(at + what.Length)..];
        }
        result.Write(text);
        return result.ToArray();
    }
}
