using System.Collections.Immutable;
using Builder.Cli.Errors;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Proof.Verifying;

namespace Builder.Cli.Verify;

/// <summary>Runs <c>builder verify</c>: gathers what speaks for the file, has it checked, prints the answers.</summary>
internal sealed class VerifyRun
{
    /// <summary>Of files with statements beside the file itself.</summary>
    private static readonly string[] Endings = [".sigstore.json", ".intoto.jsonl"];

    private const int MaxKeyFile = 1024 * 1024;

    private readonly VerifyOptions _options;

    private VerifyRun(VerifyOptions options) => _options = options;

    /// <returns>0 where all is proven that the policy asks, 1 where something is not, 2 where it could not be checked.</returns>
    public static async Task<int> RunAsync(VerifyOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var report = await CheckAsync(options, cancellationToken);
        await output.WriteAsync(options.IsJson ? VerifyOutput.Json(report) : VerifyOutput.Text(report));
        return report.Outcome switch
        {
            CheckOutcome.Passed => ExitCode.Success,
            CheckOutcome.Failed => ExitCode.Failed,
            _ => ExitCode.Trouble,
        };
    }

    public static Task<VerificationReport> CheckAsync(VerifyOptions options, CancellationToken cancellationToken) =>
        new VerifyRun(options).VerifyAsync(cancellationToken);

    private async Task<VerificationReport> VerifyAsync(CancellationToken cancellationToken)
    {
        var policy = _options.Policy is { } file ? PolicyFile.Read(file) : VerificationPolicy.Default;
        if (_options.Quorum is { } quorum)
            policy = policy with { Quorum = quorum };
        var (given, list) = ReadKeys();
        ImmutableArray<NoteKey> logs = _options.TrustedRoot is { } root
            ? Refusing(() => TrustedRootReader.Read(ReadBounded(root, TrustedRootReader.MaxSize)))
            : [];
        var address = AddressOf(_options.Target);
        using var site =
            (_options.Site ?? address) is { } where && (_options.Site is not null || _options.Offline.Count == 0)
                ? new VerifySite(where, _options.Network)
                : null;
        using var source =
            address is null || site?.Address.Authority == address.Authority ? null : new VerifySite(address, _options.Network);
        var target =
            _options.Known
            ?? (
                address is null
                    ? await VerifyTarget.OfFileAsync(_options.Target, cancellationToken)
                    : await VerifyTarget.OfAddressAsync(source ?? site!, address, cancellationToken)
            );
        var answers = site is null
            ? null
            : await SiteVisit.AskAsync(site, new KnownSites(_options.StateDirectory), target, given, logs, cancellationToken);
        if (answers?.Log is { } log && logs.IsEmpty)
            logs = [log];
        var (offline, broken) = ReadOffline(site is not null);
        var report = Verifier.Verify(
            new VerificationRequest
            {
                Name = target.Name,
                Digest = target.Digest,
                Evidence = [.. offline, .. answers?.Evidence ?? []],
                Keys = new TrustedKeys
                {
                    Given = [.. given],
                    List = list ?? answers?.Keys,
                    TakesKeysOfLog = given.Count == 0 && list is null && _options.TrustedRoot is not null,
                },
                Logs = logs,
                Policy = policy,
                Build = target.Build,
                Job = target.Job,
                Now = _options.Clock.GetUtcNow(),
            }
        );
        return await FollowAsync(report.With(broken).With(answers?.Checks ?? []), site, answers?.Checkpoint, cancellationToken);
    }

    /// <summary>The log in which the statement was shown to be must be the one that the site shows now.</summary>
    private static async Task<VerificationReport> FollowAsync(
        VerificationReport report,
        VerifySite? site,
        SignedCheckpoint? now,
        CancellationToken cancellationToken
    ) =>
        site is null || now is null || report.Checkpoint is not { } seen || seen.ToString() == now.ToString()
            ? report
            : report.With(await LogHistory.CheckAsync(seen, now, "that the statement came with", site, cancellationToken));

    private (List<VerificationKey> Keys, KeyList? List) ReadKeys()
    {
        var keys = new List<VerificationKey>();
        KeyList? list = null;
        foreach (var path in _options.Keys)
        {
            var bytes = ReadBounded(path, MaxKeyFile);
            if (bytes.AsSpan().TrimStart(" \r\n\t"u8).StartsWith("{"u8))
                list = Refusing(() => SignedKeyList.Read(bytes).List, path);
            else
                keys.Add(Refusing(() => VerificationKey.FromPem(System.Text.Encoding.UTF8.GetString(bytes)), path));
        }
        return (keys, list);
    }

    private (IReadOnlyList<Evidence> Evidence, ImmutableArray<VerificationCheck> Broken) ReadOffline(bool hasSite)
    {
        var files =
            _options.Offline.Count > 0 || hasSite
                ? _options.Offline
                : [.. Endings.Select(ending => _options.Target + ending).Where(File.Exists).Take(1)];
        if (files.Count == 0 && !hasSite)
            throw new CommandException(
                "nothing says where statements are: give --site URL, --offline FILE, or the URL of the artifact",
                ExitCode.Trouble
            );
        var evidence = new List<Evidence>();
        var broken = ImmutableArray.CreateBuilder<VerificationCheck>();
        foreach (var file in files)
        {
            try
            {
                evidence.AddRange(EvidenceReader.Read(ReadBounded(file, EvidenceReader.MaxSize), file));
            }
            catch (InvalidEvidenceException exception)
            {
                broken.Add(new VerificationCheck("statements", CheckOutcome.Failed, exception.Message));
            }
        }
        return (evidence, broken.DrainToImmutable());
    }

    private static Uri? AddressOf(string target) =>
        (
            target.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || target.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        ) && Uri.TryCreate(target, UriKind.Absolute, out var address)
            ? address
            : null;

    private static byte[] ReadBounded(string path, int maxSize)
    {
        using var file = Files.NamedFile.Open(path);
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = file.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, count);
            if (content.Length > maxSize)
                throw new CommandException($"{path} has more than {maxSize} bytes", ExitCode.Trouble);
        }
        return content.ToArray();
    }

    /// <summary>A file that the person gave and that is none such could not be used: that is trouble, not a verdict.</summary>
    private static T Refusing<T>(Func<T> read, string? path = null)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidKeyException or InvalidEnvelopeException or InvalidEvidenceException)
        {
            throw new CommandException(path is null ? exception.Message : $"{path}: {exception.Message}", ExitCode.Trouble);
        }
    }
}
