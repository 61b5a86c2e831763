using System.Globalization;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;

namespace Builder.Cli.Log;

/// <summary>One check of a site's log against what was kept of it.</summary>
/// <param name="followed">Null: nothing is kept.</param>
internal sealed class LogCheck(Uri site, HttpClient http, FollowedLog? followed)
{
    /// <summary>More is one fault of the site, not many.</summary>
    private const int MaxFindings = 50;

    private readonly LogSite log = new(http, site);

    /// <exception cref="LogForkException">The log does not continue what it was.</exception>
    /// <exception cref="InvalidLogDataException">What the site sends is no log, or not signed with its key.</exception>
    /// <exception cref="HttpRequestException">The site does not answer.</exception>
    public async Task<LogReport> RunAsync(NoteKey? given, CancellationToken cancellationToken)
    {
        var (key, isFirst) = await KeyAsync(given, cancellationToken);
        var bytes = await log.CheckpointAsync(cancellationToken);
        var now = SignedCheckpoint.Open(bytes, key);
        var old = followed?.Checkpoint(key)?.Checkpoint ?? new Checkpoint(key.Name, 0, MerkleHash.Empty);
        var follower = new LogFollower(log);
        try
        {
            await follower.CheckGrowthAsync(old, now.Checkpoint, cancellationToken);
        }
        catch (LogForkException exception) when (followed is not null)
        {
            throw new LogForkException(
                $"{exception.Message}. Both are signed: {followed.Location} has the old one, {followed.KeepEvidence(bytes)} the new one"
            );
        }
        var findings = new List<string>();
        var entries = new EntryCheck(http, site);
        await follower.ReadAsync(
            old,
            now.Checkpoint,
            async (index, entry) =>
            {
                if (findings.Count < MaxFindings && await entries.FaultOfAsync(index, entry, cancellationToken) is { } fault)
                    findings.Add(fault);
            },
            cancellationToken
        );
        // An entry that is not as it must be is reported until it is.
        if (findings.Count == 0)
            followed?.Keep(key, now);
        return new LogReport(Summary(key, now, old.Size, isFirst), findings);
    }

    private static string Summary(NoteKey key, SignedCheckpoint now, long oldSize, bool isFirst)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{key.Name}: {now.Size} entries, {now.Size - oldSize} new, {now.Note.Signatures.Count - 1} signature{(now.Note.Signatures.Count == 2 ? "" : "s")} of witnesses"
        );
        return isFirst ? $"{text}; first contact: the site itself named the key {key.Vkey}" : text;
    }

    private async Task<(NoteKey Key, bool IsFirst)> KeyAsync(NoteKey? given, CancellationToken cancellationToken)
    {
        var kept = followed?.Key();
        if (given is not null && kept is not null && given != kept)
            throw new LogForkException($"the log was followed with another key, {kept.Vkey}: remove {followed!.Location} to begin anew");
        if ((given ?? kept) is { } known)
            return (known, false);
        var named = await log.KeyAsync(cancellationToken);
        if (!site.IsLoopback && named.Name != site.Host)
            throw new InvalidLogDataException($"the site {site.Host} shows the log of \"{named.Name}\": give --key if that is right");
        return (named, followed is not null);
    }
}
