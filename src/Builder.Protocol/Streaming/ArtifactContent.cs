using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>
/// A file of a build on its way: where it belongs, how long it is, and its bytes, of which nothing is held. <see cref="Content"/> can be
/// read once, until the next artifact is asked for; what is left unread is skipped.
/// </summary>
public sealed class ArtifactContent
{
    private readonly ArtifactPath? path;

    public ArtifactContent(ArtifactPath path, long length, Stream content)
        : this(path.Bytes, path, length, content) { }

    internal ArtifactContent(ByteString pathAsWritten, ArtifactPath? path, long length, Stream content)
    {
        PathAsWritten = pathAsWritten;
        this.path = path;
        Length = length;
        Content = content;
    }

    /// <exception cref="InvalidOperationException">The file was read with <see cref="ArtifactPaths.AsWritten"/>, and this one leads astray.</exception>
    public ArtifactPath Path =>
        path ?? throw new InvalidOperationException($"the path \"{PathAsWritten}\" does not stay in the directory of the build");

    public ByteString PathAsWritten { get; }

    public long Length { get; }

    public Stream Content { get; }
}
