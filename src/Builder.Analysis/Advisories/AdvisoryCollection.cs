using System.Globalization;
using System.Text;

namespace Builder.Analysis.Advisories;

/// <summary>Advisories by id; of two with one id the one modified last counts.</summary>
/// <param name="problem">Called with a sentence for each file that should be an advisory and is none.</param>
/// <param name="keepsSources">Keeps the bytes that each was read from.</param>
public sealed class AdvisoryCollection(Action<string> problem, bool keepsSources = false)
{
    private readonly SortedDictionary<string, (Advisory Advisory, byte[] Source)> advisories = new(StringComparer.Ordinal);
    private int files;
    private long length;

    public IEnumerable<Advisory> Advisories => advisories.Values.Select(static entry => entry.Advisory);

    /// <summary>Each with the bytes that it was read from.</summary>
    public IEnumerable<(Advisory Advisory, byte[] Source)> Entries => advisories.Values;

    public int Count => advisories.Count;

    /// <summary>How many files should have been advisories and are not.</summary>
    public int Problems { get; private set; }

    /// <summary>Whether a file of this name may be an advisory.</summary>
    public static bool IsCandidate(string name) =>
        name.EndsWith(".md", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="AdvisoryException">There are more files, or longer ones together, than are read.</exception>
    public void Add(Stream content, string name)
    {
        if (++files > AdvisoryLimits.MaxFiles)
            throw new AdvisoryException($"{name}: more than {AdvisoryLimits.MaxFiles} advisories");
        try
        {
            var bytes = ReadBounded(content, name);
            // README.md and the like are no advisories and do not say that they are.
            if (Read(bytes, name) is { } advisory)
                Add(advisory, bytes);
        }
        catch (Exception exception) when (exception is AdvisoryException or InvalidDataException && length <= AdvisoryLimits.MaxTotalLength)
        {
            Problems++;
            problem(exception is AdvisoryException ? exception.Message : $"{name}: {exception.Message}");
        }
    }

    /// <summary>By its first byte, since a name may say anything: JSON begins with a brace. Null for Markdown that is no advisory.</summary>
    /// <exception cref="AdvisoryException">It is neither.</exception>
    public static Advisory? Read(ReadOnlyMemory<byte> bytes, string name)
    {
        var isJson =
            bytes.Span.TrimStart("\uFEFF \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]
            || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        if (isJson)
            return OsvAdvisory.Read(bytes, name);
        var head = Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, 4096)]);
        return OpamAdvisory.IsOne(head) ? OpamAdvisory.Read(bytes, name) : null;
    }

    private void Add(Advisory advisory, byte[] source)
    {
        if (advisories.TryGetValue(advisory.Id, out var known) && Time(known.Advisory) >= Time(advisory))
            return;
        advisories[advisory.Id] = (advisory, keepsSources ? source : []);
    }

    private static DateTimeOffset Time(Advisory advisory) =>
        DateTimeOffset.TryParse(advisory.Modified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : DateTimeOffset.MinValue;

    private byte[] ReadBounded(Stream content, string name)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[81920];
        int read;
        while ((read = content.Read(buffer)) > 0)
        {
            length += read;
            if (copy.Length + read > AdvisoryLimits.MaxFileLength)
                throw new AdvisoryException($"{name}: an advisory has at most {AdvisoryLimits.MaxFileLength >> 20} MiB");
            if (length > AdvisoryLimits.MaxTotalLength)
                throw new AdvisoryException($"{name}: all advisories together have at most {AdvisoryLimits.MaxTotalLength >> 30} GiB");
            copy.Write(buffer, 0, read);
        }
        return copy.ToArray();
    }
}
