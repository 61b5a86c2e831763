using System.Net;
using System.Security.Cryptography;
using System.Text;
using Builder.Protocol;
using Builder.Storage.Database;

namespace Builder.Storage.Accounts;

/// <summary>
/// Who a name and password belong to. At most two passwords are hashed at a time, a user that does not exist costs as much as
/// one that does, and a password that was right a moment ago is known by a keyed hash, so that a burst of uploads pays once.
/// </summary>
public sealed class Authenticator : IDisposable
{
    private const int MostAtOnce = 2;
    private const int MostRemembered = 1024;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    // Of a password nobody knows: what is compared with where there is no such user.
    private static readonly PasswordHash Nobody = new(new byte[PasswordHash.HashSize], new byte[16], ScryptParameters.Default);

    private readonly BuilderDatabase database;
    private readonly TimeProvider clock;
    private readonly FailureLimiter limiter;
    private readonly SemaphoreSlim hashing = new(MostAtOnce, MostAtOnce);

    /// <summary>Made when somebody first comes with a password: a site that is only read does without the library behind it.</summary>
    private readonly Lazy<byte[]> key = new(() => RandomNumberGenerator.GetBytes(32));

    private readonly Dictionary<string, DateTimeOffset> remembered = new(StringComparer.Ordinal);

    public Authenticator(BuilderDatabase database, TimeProvider clock)
    {
        this.database = database;
        this.clock = clock;
        limiter = new FailureLimiter(clock);
    }

    public async Task<Authentication> AuthenticateAsync(string name, string password, IPAddress address, CancellationToken cancellationToken)
    {
        var found = await FindAsync(name, cancellationToken);
        var (user, hash) = found ?? (null, Nobody);
        var secret = Encoding.UTF8.GetBytes(password);
        var memory = MemoryKey(name, secret, hash);
        if (user is not null && IsRemembered(memory))
            return new Authentication.Accepted(user);
        if (limiter.Wait(address) is { } wait)
            return new Authentication.Throttled(wait);

        var isRight = await HashAsync(hash, secret, memory, cancellationToken);
        if (!isRight || user is null)
        {
            limiter.Failed(address);
            return new Authentication.Rejected();
        }
        Remember(memory);
        return new Authentication.Accepted(user);
    }

    /// <summary>Whether the user may upload builds of this job.</summary>
    public async Task<bool> MayUploadAsync(User user, JobName job, CancellationToken cancellationToken)
    {
        if (!user.IsRestricted)
            return true;
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.AnyAsync(
            """
            SELECT 1
            FROM access_list
            JOIN job ON job.id = access_list.job
            WHERE access_list."user" = @user AND job.name = @job
            """,
            cancellationToken,
            ("@user", user.Id),
            ("@job", job));
    }

    public void Dispose() => hashing.Dispose();

    private async Task<(User? User, PasswordHash Hash)?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
            return null;
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryFirstAsync(
            """
            SELECT id, username, restricted, password_hash, password_salt, scrypt_n, scrypt_r, scrypt_p
            FROM "user"
            WHERE username = @name
            """,
            static row => ((User?, PasswordHash)?)(
                new User(row.UserId(0), row.Text(1), row.Boolean(2)),
                new PasswordHash(row.Blob(3), row.Blob(4), new ScryptParameters((int)row.Integer(5), (int)row.Integer(6), (int)row.Integer(7)))),
            cancellationToken,
            ("@name", name));
    }

    private async Task<bool> HashAsync(PasswordHash hash, byte[] password, string memory, CancellationToken cancellationToken)
    {
        await hashing.WaitAsync(cancellationToken);
        try
        {
            // A burst of uploads begins with several at once: those that waited here need not hash again what the first one has.
            return IsRemembered(memory) || await Task.Run(() => hash.Verify(password), cancellationToken);
        }
        finally
        {
            hashing.Release();
        }
    }

    /// <summary>Holds what the table keeps as well: a changed password is another key.</summary>
    private string MemoryKey(string name, byte[] password, PasswordHash hash)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Value);
        hmac.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        hmac.AppendData(SHA256.HashData(password));
        hmac.AppendData(SHA256.HashData(hash.Hash));
        hmac.AppendData(hash.Salt);
        return Convert.ToHexString(hmac.GetHashAndReset());
    }

    private bool IsRemembered(string memory)
    {
        lock (remembered)
            return remembered.TryGetValue(memory, out var until) && clock.GetUtcNow() < until;
    }

    private void Remember(string memory)
    {
        lock (remembered)
        {
            if (remembered.Count >= MostRemembered)
                remembered.Clear();
            remembered[memory] = clock.GetUtcNow() + Remembered;
        }
    }
}
