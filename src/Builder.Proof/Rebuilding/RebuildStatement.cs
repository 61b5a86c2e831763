using System.Collections.Immutable;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Proof.Statements;

namespace Builder.Proof.Rebuilding;

/// <summary>
/// Writes and reads what a rebuilder posts: a line with SLSA provenance of its own platform (DSSE), then two in-toto links, <c>rebuild</c> and
/// <c>rebuild FILE</c>, where the key is Ed25519. Verifiers of in-toto and rebuilderd's clients read the links.
/// </summary>
public static class RebuildStatement
{
    /// <summary>Path of the page about this kind of statement; sites serve it.</summary>
    public const string BuildTypePath = "/buildtypes/rebuild/v1";

    /// <summary>Media type of what is posted: envelopes and links, one a line.</summary>
    public const string MediaType = "application/vnd.in-toto.bundle";

    /// <summary>Of all lines, in bytes.</summary>
    public const int MaxSizeInBytes = 1024 * 1024;

    /// <summary>Internal parameter with the address of the build that was repeated.</summary>
    public const string Repeats = "repeats";

    /// <summary>Internal parameter that says why the files differ.</summary>
    public const string DifferenceName = "difference";

    private const string Isolation = "isolation";
    private const string Varied = "varied";
    private const int MaxDifference = 500;
    private const int MaxLinks = 2;

    /// <summary>The lines to post.</summary>
    public static byte[] Sign(RebuildResult result, SigningKey key)
    {
        var main = result.MainDigest ?? throw new ArgumentException($"{result.MainBinary} is no artifact of the rebuild", nameof(result));
        var internals = ImmutableSortedDictionary
            .Create<string, string>(StringComparer.Ordinal)
            .Add(Repeats, result.Build.AbsoluteUri)
            .AddRange(
                from pair in (KeyValuePair<string, string?>[])
                    [
                        new(Isolation, result.Isolation),
                        new(Varied, result.Varied),
                        new(
                            DifferenceName,
                            result.Difference is { Length: > MaxDifference } text ? text[..MaxDifference] : result.Difference
                        ),
                    ]
                where pair.Value is { Length: > 0 }
                select new KeyValuePair<string, string>(pair.Key, pair.Value!)
            );
        var provenance = new SlsaProvenance
        {
            BuildType = result.Build.GetLeftPart(UriPartial.Authority) + BuildTypePath,
            External = result.External,
            Internal = internals,
            ResolvedDependencies = result.Inputs,
            BuilderId = result.BuilderId ?? $"urn:builder:rebuilder:{key.Id.Value}",
            InvocationId = result.InvocationId,
            StartedOn = result.Started,
            FinishedOn = result.Finished,
        };
        using var lines = new MemoryStream();
        Add(lines, DsseEnvelope.Sign(DsseEnvelope.InTotoPayloadType, InTotoStatement.Write(result.Artifacts, provenance), key).ToJson());
        if (key is Ed25519SigningKey ed25519)
        {
            var file = result.MainBinary[(result.MainBinary.LastIndexOf('/') + 1)..];
            foreach (var step in (string[])[InTotoLink.Step, $"{InTotoLink.Step} {file}"])
                Add(lines, InTotoLink.Sign(step, [(file, main)], ed25519));
        }
        return lines.ToArray();
    }

    /// <summary>Splits what was posted and checks all signatures against the keys.</summary>
    /// <param name="keys">Those who may sign.</param>
    /// <exception cref="InvalidStatementException">Not such lines; the message says what is wrong.</exception>
    /// <exception cref="UnknownSignerException">None of the keys signed the statement.</exception>
    public static ReceivedRebuild Read(ReadOnlyMemory<byte> body, IReadOnlyCollection<VerificationKey> keys)
    {
        var lines = Lines(body);
        if (lines.Count is 0 or > 1 + MaxLinks)
            throw new InvalidStatementException(
                $"a signed statement was expected, and at most {MaxLinks} in-toto links after it, one a line; there are {lines.Count} lines"
            );
        DsseEnvelope envelope;
        try
        {
            envelope = DsseEnvelope.Parse(lines[0]);
        }
        catch (InvalidEnvelopeException exception)
        {
            throw new InvalidStatementException(exception.Message, exception);
        }
        if (envelope.PayloadType != DsseEnvelope.InTotoPayloadType)
            throw new InvalidStatementException(
                $"the envelope holds \"{envelope.PayloadType}\"; \"{DsseEnvelope.InTotoPayloadType}\" was expected"
            );
        var key = keys.FirstOrDefault(envelope.IsSignedBy) ?? throw new UnknownSignerException(envelope.Signatures[0].KeyId);
        var statement = InTotoStatement.Parse(envelope.Payload);
        var provenance = SlsaProvenance.Read(statement);
        if (!provenance.Internal.TryGetValue(Repeats, out var repeats) || !Uri.TryCreate(repeats, UriKind.Absolute, out var build))
            throw new InvalidStatementException(
                $"the statement does not say which build it repeats: internalParameters has no \"{Repeats}\" with an address"
            );
        var links = ReadLinks(lines.Skip(1), key);
        return links.SelectMany(static link => link.Item1.Products.Values).All(statement.IsAbout)
            ? new ReceivedRebuild(key, envelope, lines[0], statement, provenance, build, links)
            : throw new InvalidStatementException("a link names a file that the statement does not name: they have to say the same");
    }

    private static ImmutableArray<(SignedLink, ReadOnlyMemory<byte>)> ReadLinks(
        IEnumerable<ReadOnlyMemory<byte>> lines,
        VerificationKey key
    )
    {
        var links = ImmutableArray.CreateBuilder<(SignedLink, ReadOnlyMemory<byte>)>();
        foreach (var line in lines)
        {
            if (key is not Ed25519VerificationKey ed25519)
                throw new InvalidStatementException("in-toto links are taken from Ed25519 keys only");
            try
            {
                links.Add((SignedLink.Read(line.Span, ed25519), line));
            }
            catch (InvalidLinkException exception)
            {
                throw new InvalidStatementException(exception.Message, exception);
            }
        }
        return links.ToImmutable();
    }

    private static List<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n') is >= 0 and var found ? found : body.Length;
            if (!body.Span[..end].Trim(" \r\t"u8).IsEmpty)
                lines.Add(body[..end]);
            body = body[Math.Min(body.Length, end + 1)..];
        }
        return lines;
    }

    private static void Add(MemoryStream lines, byte[] line)
    {
        lines.Write(line);
        lines.Write("\n"u8);
    }
}
