using Builder.Posix;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Files;
using Builder.Server.Options;

namespace Builder.Server.Builds;

/// <summary>The inputs that builds recorded, on disk for as long as these builds may be repeated.</summary>
internal sealed class InputStore(ServerDirectory directory)
{
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public void Write(BuildUuid build, IReadOnlyDictionary<string, ByteString> files)
    {
        if (files.Count == 0)
            return;
        var place = directory.OfInputs(build);
        PrivateFiles.CreateDirectory(directory.Inputs);
        PrivateFiles.CreateDirectory(place);
        foreach (var (name, content) in files)
        {
            using var file = PrivateFiles.Open(Path.Combine(place, name), FileMode.Create, bufferSize: 0);
            file.Write(content.Span);
            file.Flush(flushToDisk: true);
        }
        DurableFiles.SyncDirectory(place);
        DurableFiles.SyncDirectory(directory.Inputs);
    }

    /// <summary>By name; none where the build recorded none.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyDictionary<string, ByteString> Read(BuildUuid build)
    {
        var place = directory.OfInputs(build);
        return !Directory.Exists(place)
            ? new Dictionary<string, ByteString>()
            : RepetitionOrder
                .RecordedNames.Where(name => File.Exists(Path.Combine(place, name)))
                .ToDictionary(static name => name, name => new ByteString(File.ReadAllBytes(Path.Combine(place, name))));
    }

    public void Remove(BuildUuid build)
    {
        var place = directory.OfInputs(build);
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
    }

    /// <summary>Removes what no build needs, such as a server left it that was killed.</summary>
    public void RemoveOthers(IReadOnlySet<BuildUuid> needed)
    {
        if (!Directory.Exists(directory.Inputs))
            return;
        foreach (var place in Directory.EnumerateDirectories(directory.Inputs))
        {
            if (!BuildUuid.TryParse(Path.GetFileName(place), out var build) || !needed.Contains(build))
                Directory.Delete(place, recursive: true);
        }
    }
}
