using System.Collections.Immutable;
using System.Text;
using Builder.Posix;
using Builder.Proof.Keys;

namespace Builder.Publishing.Attestation;

/// <summary>
/// The keys of a site: private ones in files of mode 0600, and <c>keys.json</c>, the list of all public ones. For the signer's user alone. Each change is
/// one rename, so that a crash leaves the list before or after it.
/// </summary>
public sealed class KeyDirectory
{
    private const string ListName = "keys.json";

    private readonly string path;
    private readonly TimeProvider clock;

    /// <param name="path">Made by <see cref="CreateMissing"/> where it is absent.</param>
    public KeyDirectory(string path, TimeProvider clock)
    {
        this.path = Path.GetFullPath(path);
        this.clock = clock;
    }

    public string Location => path;

    /// <summary>When the list last changed on disk; for those who keep it in memory.</summary>
    public DateTime Changed => File.GetLastWriteTimeUtc(ListPath);

    private string ListPath => Path.Combine(path, ListName);

    private DateTimeOffset Now
    {
        get
        {
            var now = clock.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    /// <summary>Makes a key for each use that has none.</summary>
    /// <param name="site">How visitors reach the site.</param>
    /// <returns>The keys that were made.</returns>
    /// <exception cref="SignerException">The directory cannot be used.</exception>
    public IReadOnlyList<PublishedKey> CreateMissing(string site)
    {
        return Guard(() =>
        {
            PrivateFiles.CreateDirectory(path);
            File.SetUnixFileMode(path, PrivateFiles.DirectoryMode);
            var list = File.Exists(ListPath) ? Read() : new KeyList(site, Now, []);
            var made = Enum.GetValues<KeyUse>().Where(use => !list.Keys.Any(key => key.Use == use && key.IsInUse)).Select(Create).ToList();
            if (made.Count > 0 || list.Site != site)
                Write(list with { Site = site, Issued = Now, Keys = [.. list.Keys, .. made] });
            return made;
        });
    }

    /// <exception cref="SignerException">There is no list, or it is damaged.</exception>
    public KeyList Read() =>
        Guard(() =>
            File.Exists(ListPath)
                ? KeyList.Parse(File.ReadAllBytes(ListPath))
                : throw new SignerException($"there are no keys in {path}: \"builder keys init\" makes them")
        );

    /// <summary>A new key signs from now on; what the old one signed stays valid.</summary>
    /// <exception cref="SignerException">The log's key stays: who follows the log knows it by its key.</exception>
    public PublishedKey Rotate(KeyUse use)
    {
        if (use == KeyUse.Log)
            throw new SignerException("the key of the log cannot be replaced: with another key it is another log; keep it as it is");
        return Guard(() =>
        {
            var list = Read();
            var made = Create(use);
            var now = Now;
            Write(
                list with
                {
                    Issued = Later(list.Issued, now),
                    Keys = [.. list.Keys.Select(key => key.Use == use && key.IsInUse ? key with { Retired = now } : key), made],
                }
            );
            return made;
        });
    }

    /// <summary>Others may have the key: its private file goes, and a new one signs where it was in use.</summary>
    /// <exception cref="SignerException">There is no such key.</exception>
    public PublishedKey Revoke(KeyId id, KeyRevocation revocation)
    {
        return Guard(() =>
        {
            var list = Read();
            var revoked =
                list.Find(id)
                ?? throw new SignerException($"there is no key {id} in {path}: \"builder keys list\" shows those that there are");
            var isReplaced = revoked.IsInUse && revoked.Use != KeyUse.Log;
            ImmutableArray<PublishedKey> made = isReplaced ? [Create(revoked.Use)] : [];
            var entry = revoked with { Retired = revoked.Retired ?? Now, Revocation = revocation };
            Write(list with { Issued = Later(list.Issued, Now), Keys = [.. list.Keys.Select(key => key.Id == id ? entry : key), .. made] });
            RemovePrivate(entry);
            return entry;
        });
    }

    /// <summary>The private key of a public one; null where its file is gone, as of retired and revoked ones.</summary>
    public SigningKey? Load(PublishedKey key) =>
        Guard(() => File.Exists(FileOf(key)) ? SigningKey.FromPem(File.ReadAllText(FileOf(key))) : null);

    /// <summary>The key that signs now.</summary>
    /// <exception cref="SignerException">It is not there.</exception>
    public SigningKey LoadCurrent(KeyList list, KeyUse use) =>
        list.Keys.LastOrDefault(key => key.Use == use && key.IsInUse) is { } key && Load(key) is { } loaded
            ? loaded
            : throw new SignerException($"there is no key for {KeyList.NameOf(use)} in {path}: \"builder keys init\" makes it");

    /// <summary>A retired key has signed the list that names its successor: nobody needs its private part any more.</summary>
    public void RemovePrivate(PublishedKey key) => File.Delete(FileOf(key));

    private string FileOf(PublishedKey key) =>
        // 43 characters of base64, of which two are not for file names.
        Path.Combine(path, $"{KeyList.NameOf(key.Use)}-{key.Id.Value[7..].Replace('/', '_').Replace('+', '-')}.pem");

    private PublishedKey Create(KeyUse use)
    {
        using SigningKey key = use == KeyUse.Statements ? EcdsaSigningKey.Generate() : Ed25519SigningKey.Generate();
        var published = new PublishedKey(key.PublicKey, use, Now);
        var pem = key.ToPem();
        var bytes = Encoding.ASCII.GetBytes(pem);
        Replace(FileOf(published), bytes);
        Array.Clear(pem);
        Array.Clear(bytes);
        return published;
    }

    private void Write(KeyList list) => Replace(ListPath, list.ToJson());

    private static DateTimeOffset Later(DateTimeOffset before, DateTimeOffset now) => now > before ? now : before.AddSeconds(1);

    private void Replace(string file, byte[] content)
    {
        var temporary = file + ".tmp";
        using (var stream = PrivateFiles.Open(temporary, FileMode.Create, bufferSize: 0))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, file, overwrite: true);
        DurableDirectory.Flush(path);
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidKeyException)
        {
            throw new SignerException($"the keys in {path} cannot be used: {exception.Message}", exception);
        }
    }
}
