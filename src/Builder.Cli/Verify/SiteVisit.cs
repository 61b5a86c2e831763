using System.Text;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Proof.Verifying;
using Builder.Protocol.Values;

namespace Builder.Cli.Verify;

/// <summary>Asks a site for keys, log and statements, and compares with what the last visit saw.</summary>
internal sealed class SiteVisit
{
    private const string BundlesName = "attestations.sigstore.jsonl";

    /// <summary>A file that more builds left is proven by the newest of them.</summary>
    private const int MaxBuilds = 8;

    private readonly VerifySite _site;
    private readonly KnownSites _known;
    private readonly List<VerificationCheck> _checks = [];

    private SiteVisit(VerifySite site, KnownSites known) => (_site, _known) = (site, known);

    /// <param name="given">Keys that the person gave: with them the site's own list need not be believed.</param>
    public static async Task<SiteAnswers> AskAsync(
        VerifySite site,
        KnownSites known,
        VerifyTarget target,
        IReadOnlyList<VerificationKey> given,
        IReadOnlyList<NoteKey> logs,
        CancellationToken cancellationToken
    ) => await new SiteVisit(site, known).AskAsync(target, given, logs, cancellationToken);

    private async Task<SiteAnswers> AskAsync(
        VerifyTarget target,
        IReadOnlyList<VerificationKey> given,
        IReadOnlyList<NoteKey> logs,
        CancellationToken cancellationToken
    )
    {
        var before = _known.Find(_site.Address);
        var list = ReadKeys(await _site.KeysAsync(cancellationToken), before, given);
        var log = logs.Count > 0 ? logs[0] : LogOf(list, before);
        var checkpoint = log is null ? null : await ReadCheckpointAsync(log, before, cancellationToken);
        var evidence = await ReadEvidenceAsync(target, cancellationToken);
        if (list is not null && log is not null && _checks.TrueForAll(check => check.Outcome != CheckOutcome.Failed))
            Remember(list, log, checkpoint, before, isGiven: given.Count > 0 || logs.Count > 0);
        return new SiteAnswers(list, log, checkpoint, evidence, [.. _checks]);
    }

    /// <summary>The list must be signed by a key that is in use in it, and by one that was known before, where one was.</summary>
    private KeyList? ReadKeys(byte[]? bytes, KnownSite? before, IReadOnlyList<VerificationKey> given)
    {
        if (bytes is null)
        {
            Add("keys", given.Count > 0 ? CheckOutcome.Note : CheckOutcome.Unknown, $"{_site.Address.Authority} publishes no list of keys");
            return null;
        }
        try
        {
            var (list, signers) = SignedKeyList.Read(bytes);
            if (before is not null && !signers.Any(key => before.Keys.Contains(key.Id.Value)))
                Fail(
                    "keys",
                    $"the keys of {_site.Address.Authority} changed, and none that you knew signed the new list ({_known.PathOf(_site.Address)})"
                );
            else if (given.Count > 0 && !signers.Any(given.Contains))
                Fail("keys", "the site's list of keys is not signed with a key that you gave");
            else
                return list;
        }
        catch (Exception exception) when (exception is InvalidKeyException or InvalidEnvelopeException)
        {
            Fail("keys", $"the site's list of keys cannot be believed: {exception.Message}");
        }
        return null;
    }

    /// <summary>A log keeps its key: with another one it would be another log.</summary>
    private NoteKey? LogOf(KeyList? list, KnownSite? before)
    {
        try
        {
            if (list?.Keys.LastOrDefault(key => key is { Use: KeyUse.Log, IsInUse: true })?.Key is not Ed25519VerificationKey key)
                return null;
            var log = new NoteKey(new Uri(list.Site).Host, NoteKeyKind.Ed25519, key);
            if (before is null || before.Log == log.Vkey)
                return log;
            Fail("log-key", $"{_site.Address.Authority} shows another log than on your last visit ({_known.PathOf(_site.Address)})");
            return NoteKey.Parse(before.Log);
        }
        catch (Exception exception) when (exception is InvalidLogDataException or UriFormatException)
        {
            Fail("log-key", $"the key of the site's log cannot be read: {exception.Message}");
            return null;
        }
    }

    private async Task<SignedCheckpoint?> ReadCheckpointAsync(NoteKey log, KnownSite? before, CancellationToken cancellationToken)
    {
        if (await _site.CheckpointAsync(cancellationToken) is not { } bytes)
        {
            Add("history", CheckOutcome.Unknown, $"{_site.Address.Authority} shows no checkpoint of its log");
            return null;
        }
        try
        {
            var now = SignedCheckpoint.Open(bytes, log);
            if (before is { Checkpoint: { } note } && before.Log == log.Vkey)
                _checks.Add(
                    await LogHistory.CheckAsync(
                        SignedCheckpoint.Open(Encoding.UTF8.GetBytes(note), log),
                        now,
                        "of your last visit",
                        _site,
                        cancellationToken
                    )
                );
            return now;
        }
        catch (InvalidLogDataException exception)
        {
            Fail("history", $"the checkpoint of the site's log is wrong: {exception.Message}");
            return null;
        }
    }

    private async Task<IReadOnlyList<Evidence>> ReadEvidenceAsync(VerifyTarget target, CancellationToken cancellationToken)
    {
        if (target.Page is { } page)
            return await ReadAsync($"{page}/{BundlesName}", cancellationToken);
        var found = await ReadAsync($"/hash?sha256={target.Digest}&attestations", cancellationToken);
        // By hash the site gives statements alone; those of the build come with their places in the log.
        var pages = found.Select(PageOf).OfType<string>().Distinct(StringComparer.Ordinal).TakeLast(MaxBuilds).ToList();
        var evidence = new List<Evidence>();
        foreach (var build in pages)
            evidence.AddRange(await ReadAsync($"{build}/{BundlesName}", cancellationToken));
        return evidence.Count > 0 ? [.. evidence, .. found.Where(one => PageOf(one) is not { } of || !pages.Contains(of))] : found;
    }

    private async Task<IReadOnlyList<Evidence>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (await _site.StatementsAsync(path, cancellationToken) is not { Length: > 0 } bytes)
            return [];
        try
        {
            return EvidenceReader.Read(bytes, "the site's answer");
        }
        catch (InvalidEvidenceException exception)
        {
            Fail("statements", exception.Message);
            return [];
        }
    }

    /// <summary>The page of the build that a statement is about, as the site names builds; nothing of it is believed.</summary>
    private static string? PageOf(Evidence evidence)
    {
        try
        {
            var statement = InTotoStatement.Parse(evidence.Envelope.Payload);
            if (statement.PredicateType != SlsaProvenance.TypeUri)
                return null;
            var provenance = SlsaProvenance.Read(statement);
            return BuildUuid.TryParse(provenance.InvocationId, out var uuid)
                ? $"/job/{Uri.EscapeDataString(provenance.External.Job)}/build/{uuid}"
                : null;
        }
        catch (InvalidStatementException)
        {
            return null;
        }
    }

    private void Remember(KeyList list, NoteKey log, SignedCheckpoint? checkpoint, KnownSite? before, bool isGiven)
    {
        if (!KnownSites.IsRemembered(_site.Address))
        {
            if (!isGiven)
                Add("keys", CheckOutcome.Note, "keys of a site on this machine are believed each time and never remembered");
            return;
        }
        if (before is null && !isGiven)
            Add(
                "keys",
                CheckOutcome.Note,
                $"first visit: the keys are those that {_site.Address.Authority} shows today, remembered for the next time"
            );
        var keys = list.Keys.Where(key => key is { Use: KeyUse.Statements, IsInUse: true }).Select(key => key.Id.Value);
        _known.Remember(
            _site.Address,
            new KnownSite(
                _site.Address.GetLeftPart(UriPartial.Authority),
                log.Vkey,
                [.. keys],
                checkpoint?.ToString() ?? before?.Checkpoint
            )
        );
    }

    private void Fail(string name, string text) => Add(name, CheckOutcome.Failed, text);

    private void Add(string name, CheckOutcome outcome, string text) => _checks.Add(new VerificationCheck(name, outcome, text));
}
