using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Storage.Files;

/// <summary>The layout of the directory that holds everything but the tables. Paths from outside stay inside it.</summary>
public sealed class DataDirectory
{
    private readonly string prefix;

    public DataDirectory(string root)
    {
        Root = Path.GetFullPath(root);
        prefix = Root.EndsWith('/') ? Root : Root + "/";
    }

    public string Root { get; }

    /// <summary>Artifacts by content: <c>HH/HEX</c>.</summary>
    public string Artifacts => Path.Combine(Root, "_artifacts");

    /// <summary>Uploads under way, each in a directory of its own.</summary>
    public string Staging => Path.Combine(Root, "_staging");

    /// <summary>Pictures that can be drawn again.</summary>
    public string Cache => Path.Combine(Root, "_cache");

    /// <summary>Local copies of what is in a bucket: they can be fetched again.</summary>
    public string Copies => Path.Combine(Root, "_copies");

    public string OfArtifact(Sha256Digest digest)
    {
        var hex = digest.ToString();
        return $"{Artifacts}/{hex[..2]}/{hex}";
    }

    /// <summary>Hashes of the pieces of large artifacts: <c>HH/HEX</c>. They can be made anew.</summary>
    public string Chunks => Path.Combine(Root, "_chunks");

    /// <summary>How far the check of all contents in the background has come.</summary>
    public string CheckState => Path.Combine(Root, "_check.json");

    internal string OfChunks(Sha256Digest digest)
    {
        var hex = digest.ToString();
        return $"{Chunks}/{hex[..2]}/{hex}";
    }

    /// <summary>Contents made from their packed forms, for those who read them again. They can be made anew.</summary>
    public string Unpacked => Path.Combine(Root, "_unpacked");

    internal string OfUnpacked(Sha256Digest digest) => Path.Combine(Unpacked, digest.ToString());

    public string OfJob(JobName job) => Path.Combine(Root, job.Value);

    public string OfBuild(JobName job, BuildUuid uuid) => Path.Combine(Root, job.Value, uuid.ToString());

    /// <summary>The file behind a relative path that the database holds.</summary>
    /// <exception cref="InvalidDataException">The path leads out of the data directory.</exception>
    public string Resolve(string relative)
    {
        var full = Path.GetFullPath(Path.Combine(Root, relative));
        if (Path.IsPathRooted(relative) || !full.StartsWith(prefix, StringComparison.Ordinal))
            throw new InvalidDataException($"the path \"{relative}\" in the database leads out of the data directory {Root}");
        return full;
    }
}
