using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Accounts;

/// <summary>
/// Who a name and password belong to. At most two passwords are hashed at a time, a user that does not exist costs as much as
/// one that does. A password that was right is known by a keyed hash for a day: it is never hashed, queued or limited again, whatever
/// others do meanwhile. The same name and password at the same time are looked at once.
/// </summary>
public sealed class Authenticator
{
    private const int MaxConcurrent = 2;
    private const int MaxRemembered = 1024;

    /// <summary>With these a queue that is full is empty within a second.</summary>
    private const int MaxWaitingPerAddress = 8;
    private const int MaxWaiting = 32;

    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);
    private static readonly TimeSpan QueueIsFull = TimeSpan.FromSeconds(1);

    // Of a password nobody knows: what is compared with where there is no such user.
    private static readonly PasswordHash Nobody = new(new byte[PasswordHash.HashSize], new byte[16], ScryptParameters.Default);

    private readonly BuilderDatabase database;
    private readonly TimeProvider clock;
    private readonly LoginLimiter limiter;
    private readonly FairQueue<IPAddress> hashing = new(MaxConcurrent, MaxWaitingPerAddress, MaxWaiting);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Authentication?>> underWay = new(StringComparer.Ordinal);

    /// <summary>Made when somebody first comes with a password: a site that is only read does without the library behind it.</summary>
    private readonly Lazy<byte[]> key = new(() => RandomNumberGenerator.GetBytes(32));

    private readonly Dictionary<string, DateTimeOffset> remembered = new(StringComparer.Ordinal);

    public Authenticator(BuilderDatabase database, TimeProvider clock)
    {
        this.database = database;
        this.clock = clock;
        limiter = new LoginLimiter(clock);
    }

    public async Task<Authentication> AuthenticateAsync(
        string name,
        string password,
        IPAddress address,
        CancellationToken cancellationToken
    )
    {
        var found = await FindAsync(name, cancellationToken);
        var (user, hash) = found ?? (null, Nobody);
        var secret = Encoding.UTF8.GetBytes(password);
        var memory = MemoryKey(name, secret, hash);
        if (user is not null && IsRemembered(memory))
            return new Authentication.Accepted(user);
        return await ShareAsync(
            memory,
            () => TestAsync(user, hash, secret, memory, LoginKey.Of(address, name), cancellationToken),
            cancellationToken
        );
    }

    /// <summary>Whether the user may upload builds of this job.</summary>
    public async Task<bool> MayUploadAsync(User user, JobName job, CancellationToken cancellationToken)
    {
        if (user.Scopes?.MayUpload(job.Value) == false)
            return false;
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
            ("@job", job)
        );
    }

    private async Task<(User? User, PasswordHash Hash)?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
            return null;
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryFirstAsync(
            """
            SELECT "user".id, "user".username, "user".restricted, account.role, password_hash, password_salt, scrypt_n, scrypt_r, scrypt_p
            FROM "user"
            LEFT JOIN account ON account."user" = "user".id
            WHERE "user".username = @name
            """,
            static row =>
                ((User?, PasswordHash)?)
                    (
                        AccountRows.User(row),
                        new PasswordHash(
                            row.Blob(4),
                            row.Blob(5),
                            new ScryptParameters((int)row.Integer(6), (int)row.Integer(7), (int)row.Integer(8))
                        )
                    ),
            cancellationToken,
            ("@name", name)
        );
    }

    /// <summary>Of several who bring the same name and password at once, one has it looked at; a burst of uploads begins like that.</summary>
    private async Task<Authentication> ShareAsync(string memory, Func<Task<Authentication>> test, CancellationToken cancellationToken)
    {
        while (true)
        {
            var mine = new TaskCompletionSource<Authentication?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = underWay.GetOrAdd(memory, mine);
            if (first != mine)
            {
                // Null: whoever had it looked at went away before it was.
                if (await first.Task.WaitAsync(cancellationToken) is { } shared)
                    return shared;
                continue;
            }
            Authentication? result = null;
            try
            {
                return result = await test();
            }
            finally
            {
                underWay.TryRemove(memory, out _);
                mine.SetResult(result);
            }
        }
    }

    private async Task<Authentication> TestAsync(
        User? user,
        PasswordHash hash,
        byte[] secret,
        string memory,
        LoginKey key,
        CancellationToken cancellationToken
    )
    {
        if (limiter.Begin(key) is { } wait)
            return new Authentication.Throttled(wait);
        bool? isRight = null;
        try
        {
            if (!await hashing.EnterAsync(key.Network, cancellationToken))
                return new Authentication.Throttled(QueueIsFull);
            try
            {
                // Not given up once it has begun: a guess counts, whether or not somebody waits for the answer.
                isRight = await Task.Run(() => hash.Verify(secret), CancellationToken.None) && user is not null;
            }
            finally
            {
                hashing.Leave();
            }
        }
        finally
        {
            limiter.End(key, isRight);
        }
        if (isRight is not true)
            return new Authentication.Rejected();
        Remember(memory);
        return new Authentication.Accepted(user!);
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
        var now = clock.GetUtcNow();
        lock (remembered)
        {
            if (!remembered.TryGetValue(memory, out var until) || now >= until)
                return false;
            remembered[memory] = now + Remembered;
            return true;
        }
    }

    private void Remember(string memory)
    {
        lock (remembered)
        {
            if (remembered.Count >= MaxRemembered)
                remembered.Clear();
            remembered[memory] = clock.GetUtcNow() + Remembered;
        }
    }
}
