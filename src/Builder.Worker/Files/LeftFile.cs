using Builder.Protocol.Values;

namespace Builder.Worker.Files;

/// <summary>A file that a job left, to be sent.</summary>
internal sealed record LeftFile(ArtifactPath Path, byte[] Location, long Size)
{
    public Stream Open() => new FileStream(DirectoryEntry.OpenFile(Location), FileAccess.Read, bufferSize: 0);
}
