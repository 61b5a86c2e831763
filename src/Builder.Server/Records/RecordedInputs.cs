using System.Globalization;
using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Records;

/// <summary>What is learned of a build's artifacts while they pass: its main binary, and the files with its inputs where they are kept.</summary>
/// <param name="keeps">True to keep the content of files with inputs.</param>
internal sealed class RecordedInputs(bool keeps)
{
    private static readonly byte[] BinaryDirectory = "bin/"u8.ToArray();

    private readonly Dictionary<string, MemoryStream> files = [];
    private long length;
    private int binaries;
    private Sha256Digest? binary;
    private long binaryLength;

    /// <summary>The artifact under <c>bin/</c>, where there is exactly one; the site has the same rule.</summary>
    public Sha256Digest? MainBinary => binaries == 1 ? binary : null;

    /// <summary>In bytes; null where there is no <see cref="MainBinary"/>.</summary>
    public long? MainBinarySize => binaries == 1 ? binaryLength : null;

    /// <summary>By name; empty where they are too long together.</summary>
    public IReadOnlyDictionary<string, ByteString> Files =>
        length > RepetitionOrder.MaxRecordedBytes
            ? new Dictionary<string, ByteString>()
            : files.ToDictionary(static file => file.Key, static file => new ByteString(file.Value.ToArray()));

    /// <summary><c>SOURCE_DATE_EPOCH</c> as <c>build-environment</c> has it; null where it is missing or no number.</summary>
    public long? Date
    {
        get
        {
            if (!Files.TryGetValue("build-environment", out var environment))
                return null;
            const string Name = "SOURCE_DATE_EPOCH=";
            foreach (var line in Encoding.UTF8.GetString(environment.Span).Split('\n'))
            {
                if (line.StartsWith(Name, StringComparison.Ordinal))
                    return long.TryParse(line[Name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var date) ? date : null;
            }
            return null;
        }
    }

    /// <returns>Where a copy of the content goes; null where it is not wanted.</returns>
    public Stream? Begin(ArtifactPath path, long size)
    {
        if (!keeps || !RepetitionOrder.RecordedNames.Contains(path.ToString()))
            return null;
        length += size;
        if (length > RepetitionOrder.MaxRecordedBytes)
            return null;
        return files[path.ToString()] = new MemoryStream((int)size);
    }

    public void End(ArtifactPath path, long size, Sha256Digest digest)
    {
        if (!path.Bytes.Span.StartsWith(BinaryDirectory))
            return;
        binaries++;
        binary = digest;
        binaryLength = size;
    }
}
