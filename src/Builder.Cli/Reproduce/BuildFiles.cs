using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Cli.Inspect;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;

namespace Builder.Cli.Reproduce;

/// <summary>The artifacts of one build in a directory, with the SHA-256 of each.</summary>
internal sealed class BuildFiles : IDisposable
{
    public const string Switch = "opam-switch";
    public const string Inputs = "build-inputs";
    public const string Environment = "build-environment";
    public const string Packages = "system-packages";

    /// <summary>Names of the artifacts that say what went into a build; they are no outputs.</summary>
    public static readonly IReadOnlyList<string> InputNames = [Switch, Inputs, Environment, Packages];

    private const int CopyBuffer = 1 << 17;
    private const int MaxInputSize = 64 << 20;
    private const string HashesEnding = ".build-hashes";

    private readonly ConfinedDirectory confined;
    private readonly SortedDictionary<ArtifactPath, Sha256Digest> digests = [];

    /// <param name="directory">Made if absent; empty.</param>
    public BuildFiles(string directory)
    {
        Directory = directory;
        confined = new ConfinedDirectory(directory);
    }

    public string Directory { get; }

    public IReadOnlyDictionary<ArtifactPath, Sha256Digest> Digests => digests;

    /// <summary>Those that are no record of the inputs.</summary>
    public IEnumerable<KeyValuePair<ArtifactPath, Sha256Digest>> Outputs => digests.Where(static artifact => IsOutput(artifact.Key));

    /// <summary>The artifact under <c>bin/</c>, where there is exactly one.</summary>
    public ArtifactPath? MainBinary
    {
        get
        {
            var binaries = digests.Keys.Where(static path => path.Bytes.Span.StartsWith("bin/"u8)).Take(2).ToList();
            return binaries is [var only] ? only : null;
        }
    }

    /// <summary>
    /// SHA-256 over the digests of <c>opam-switch</c> (or <c>build-inputs</c> where that is absent), <c>build-environment</c> and
    /// <c>system-packages</c>, as sites compute it; null where one is missing.
    /// </summary>
    public Sha256Digest? InputId => Combine(Find(Switch) ?? Find(Inputs), Find(Environment), Find(Packages));

    /// <summary>The same without <c>build-environment</c>, which variations change on purpose.</summary>
    public Sha256Digest? VariedInputId => Combine(Find(Switch) ?? Find(Inputs), Find(Packages));

    public static bool IsOutput(ArtifactPath path)
    {
        var name = path.ToString();
        return !InputNames.Contains(name) && !name.EndsWith(HashesEnding, StringComparison.Ordinal);
    }

    public async Task SaveAsync(ArtifactPath path, Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var hashed = new HashingStream(content, hash);
        await using var file = confined.Create(path);
        await hashed.CopyToAsync(file, CopyBuffer, cancellationToken);
        digests.Add(path, Sha256Digest.FromBytes(hash.GetHashAndReset()));
    }

    /// <summary>The recorded inputs that are there, by name.</summary>
    /// <exception cref="InvalidDataException">One has more than 64 MiB.</exception>
    public async Task<IReadOnlyDictionary<string, ByteString>> ReadInputsAsync(CancellationToken cancellationToken)
    {
        var inputs = new Dictionary<string, ByteString>();
        foreach (var name in InputNames.Where(name => Find(name) is not null))
        {
            var path = Path.Combine(Directory, name);
            if (new FileInfo(path).Length > MaxInputSize)
                throw new InvalidDataException($"the artifact {name} has more than {MaxInputSize} bytes");
            inputs.Add(name, new ByteString(await File.ReadAllBytesAsync(path, cancellationToken)));
        }
        return inputs;
    }

    public void Dispose() => confined.Dispose();

    private static Sha256Digest? Combine(params ReadOnlySpan<Sha256Digest?> digests)
    {
        var bytes = new List<byte>();
        foreach (var digest in digests)
        {
            if (digest is not { } known)
                return null;
            bytes.AddRange(known.ToByteArray());
        }
        return Sha256Digest.Of([.. bytes]);
    }

    private Sha256Digest? Find(string name) => digests.TryGetValue(ArtifactPath.Parse(name), out var digest) ? digest : null;
}
