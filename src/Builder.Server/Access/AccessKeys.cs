using System.Security.Cryptography;
using System.Text;
using Builder.Posix;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Files;
using Builder.Server.Options;

namespace Builder.Server.Access;

/// <summary>
/// The keys of workers and administrators, a file for each in the server's directory: added and revoked while the server runs, without
/// telling it.
/// </summary>
public sealed class AccessKeys(string serverDirectory, TimeProvider clock)
{
    private const string WorkerPrefix = "worker-";
    private const string ClientPrefix = "admin-";

    private readonly string directory = new ServerDirectory(serverDirectory).Keys;

    /// <summary>Makes a key.</summary>
    /// <param name="permissions">What an administrator's key is for; null or empty for everything.</param>
    /// <returns>The secret: it is shown once and not kept.</returns>
    /// <exception cref="ArgumentException">The name cannot be used, or is in use.</exception>
    public string Add(PeerKind kind, string name, IReadOnlyList<Platform> platforms, IReadOnlyList<ClientPermission>? permissions = null)
    {
        var path = PathOf(kind, name);
        PrivateFiles.CreateDirectory(directory);
        FileOwner.CopyTo(directory, new ServerDirectory(serverDirectory).Path);
        var secret = "builder-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var content = KeyFile.Encode(HashOf(secret), clock.GetUtcNow(), platforms, permissions ?? []);
        // Complete from its first moment on: a server that starts just then would take half a file for damage.
        var temporary = Path.Combine(directory, $"new-{Guid.NewGuid():N}");
        try
        {
            using (var file = PrivateFiles.Open(temporary, FileMode.CreateNew))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            FileOwner.CopyTo(temporary, directory);
            File.Move(temporary, path);
            DurableFiles.SyncDirectory(directory);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new ArgumentException($"there is a key named \"{name}\" already; revoke it first");
        }
        finally
        {
            File.Delete(temporary);
        }
        return secret;
    }

    public bool Revoke(PeerKind kind, string name)
    {
        var path = PathOf(kind, name);
        var exists = File.Exists(path);
        File.Delete(path);
        return exists;
    }

    /// <exception cref="DamagedFileException">A key's file is not what was written.</exception>
    public IReadOnlyList<AccessKey> List()
    {
        if (!Directory.Exists(directory))
            return [];
        return [.. Directory.EnumerateFiles(directory).Select(Read).OfType<AccessKey>().OrderBy(key => key.Name, StringComparer.Ordinal)];
    }

    /// <summary>Whose secret this is, or null.</summary>
    public AccessKey? Find(PeerKind kind, ByteString secret)
    {
        var hash = Encoding.ASCII.GetBytes(HashOf(secret.ToString()));
        return List()
            .FirstOrDefault(key => key.Kind == kind && CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(key.Sha256)));
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private string PathOf(PeerKind kind, string name)
    {
        if (!JobName.TryParse(name, out _, out var reason) || name.Length > 100)
            throw new ArgumentException($"a key cannot be named so: {reason ?? "longer than 100 characters"}");
        return Path.Combine(directory, (kind == PeerKind.Worker ? WorkerPrefix : ClientPrefix) + name);
    }

    private static AccessKey? Read(string path)
    {
        var file = Path.GetFileName(path);
        var kind = file.StartsWith(WorkerPrefix, StringComparison.Ordinal) ? PeerKind.Worker : PeerKind.Client;
        var prefix = kind == PeerKind.Worker ? WorkerPrefix : ClientPrefix;
        if (!file.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        try
        {
            var (sha256, created, platforms, permissions) = KeyFile.Read(path);
            return new AccessKey(file[prefix.Length..], kind, sha256, platforms, Timestamp.From(created)) { Permissions = permissions };
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException)
        {
            // Revoked this moment, or another user's: the other keys are as good as before.
            return null;
        }
        catch (DamagedFileException exception)
        {
            var command = kind == PeerKind.Worker ? "worker-key" : "admin-key";
            throw new DamagedFileException(
                path,
                exception.Offset,
                $"{exception.Problem}; \"builder {command} revoke {file[prefix.Length..]}\" removes this key, then add it anew"
            );
        }
    }
}
