using System.Net;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Storage.Tests.Accounts;

public sealed class AuthenticatorTests
{
    private static readonly ScryptParameters Cheap = new(2, 1, 1);
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Users_of_the_original_get_in_with_their_passwords()
    {
        using var folder = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
        await folder.MigrateAsync();
        await using var database = await folder.OpenAsync();
        var authenticator = new Authenticator(database, clock);

        var admin = Assert
            .IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("admin", "pw-admin", Here, Cancellation))
            .User;
        var restricted = Assert
            .IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("restr", "pw-restr", Here, Cancellation))
            .User;

        Assert.True(await authenticator.MayUploadAsync(admin, JobName.Parse("anything"), Cancellation));
        Assert.True(await authenticator.MayUploadAsync(restricted, JobName.Parse("hello"), Cancellation));
        Assert.False(await authenticator.MayUploadAsync(restricted, JobName.Parse("tool"), Cancellation));
        Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("admin", "pw-admi", Here, Cancellation));
        Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("gone", "", Here, Cancellation));
        Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("nobody", "pw-admin", Here, Cancellation));
        Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("ad\0min", "pw-admin", Here, Cancellation));
    }

    [Fact]
    public async Task A_changed_password_and_a_disabled_user_count_at_once()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        var authenticator = new Authenticator(database, clock);
        var users = new UserAdministration(database);
        Assert.True(await users.AddAsync("anna", "first", isRestricted: true, Cheap, Cancellation));
        Assert.False(await users.AddAsync("anna", "again", isRestricted: true, Cheap, Cancellation));
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("anna", "first", Here, Cancellation));

        await users.UpdateAsync("anna", "second", isRestricted: false, Cheap, Cancellation);
        Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("anna", "first", Here, Cancellation));
        var user = Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("anna", "second", Here, Cancellation)).User;
        Assert.False(user.IsRestricted);

        await users.DisableAsync("anna", Cancellation);
        Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("anna", "second", Here, Cancellation));
        Assert.True((await users.ListAsync(Cancellation)).Single().IsDisabled);
        await Assert.ThrowsAsync<UserNotFoundException>(() => users.DisableAsync("berta", Cancellation));
        Assert.True(await users.RemoveAsync("anna", Cancellation));
    }

    [Fact]
    public async Task Who_guesses_waits_longer_each_time_and_shuts_out_nobody_else()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        var authenticator = new Authenticator(database, clock);
        await new UserAdministration(database).AddAsync("anna", "secret", isRestricted: true, Cheap, Cancellation);
        await new UserAdministration(database).AddAsync("berta", "secret", isRestricted: true, Cheap, Cancellation);
        for (var i = 0; i < 5; i++)
            Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("berta", $"guess {i}", Here, Cancellation));
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            var throttled = Assert.IsType<Authentication.Throttled>(
                await authenticator.AuthenticateAsync("berta", "secret", Here, Cancellation)
            );
            Assert.Equal(TimeSpan.FromSeconds(seconds), throttled.RetryAfter);
            Assert.IsType<Authentication.Throttled>(
                await authenticator.AuthenticateAsync("berta", "secret", IPAddress.Parse("::ffff:192.0.2.1"), Cancellation)
            );
            clock.Advance(throttled.RetryAfter);
            Assert.IsType<Authentication.Rejected>(
                await authenticator.AuthenticateAsync("berta", $"guess {clock.GetUtcNow().UtcTicks}", Here, Cancellation)
            );
        }
        // The account elsewhere, and others behind the same address.
        Assert.IsType<Authentication.Accepted>(
            await authenticator.AuthenticateAsync("berta", "secret", IPAddress.Parse("192.0.2.2"), Cancellation)
        );
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("anna", "secret", Here, Cancellation));
        // Remembered from the other address: never limited.
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("berta", "secret", Here, Cancellation));
    }

    [Fact]
    public async Task A_right_password_makes_the_failures_before_it_forgotten_and_so_does_time()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        var authenticator = new Authenticator(database, clock);
        await new UserAdministration(database).AddAsync("anna", "secret", isRestricted: true, Cheap, Cancellation);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 5; i++)
                Assert.IsType<Authentication.Rejected>(
                    await authenticator.AuthenticateAsync("anna", $"guess {round} {i}", Here, Cancellation)
                );
            Assert.IsType<Authentication.Throttled>(await authenticator.AuthenticateAsync("anna", "guess", Here, Cancellation));
            clock.Advance(TimeSpan.FromMinutes(15));
        }
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("anna", "secret", Here, Cancellation));
        for (var i = 0; i < 5; i++)
            Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("anna", $"guess again {i}", Here, Cancellation));
    }

    /// <summary>They count before they queue: most are refused without a hash, and whoever comes right after them waits for none of them.</summary>
    [Fact]
    public async Task Three_hundred_guesses_at_once_cost_a_handful_of_hashes_and_a_right_password_gets_in_between()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        var authenticator = new Authenticator(database, clock);
        await new UserAdministration(database).AddAsync("anna", "secret", isRestricted: true, Cheap, Cancellation);
        await new UserAdministration(database).AddAsync("berta", "secret", isRestricted: true, Cheap, Cancellation);
        var guesses = Enumerable
            .Range(0, 300)
            .Select(i => Task.Run(() => authenticator.AuthenticateAsync("anna", $"guess {i}", Here, Cancellation)))
            .ToList();
        var right = Task.Run(() => authenticator.AuthenticateAsync("berta", "secret", Here, Cancellation));
        var results = await Task.WhenAll(guesses);
        Assert.IsType<Authentication.Accepted>(await right);
        Assert.Equal(5, results.Count(result => result is Authentication.Rejected));
        Assert.Equal(295, results.Count(result => result is Authentication.Throttled));
    }

    [Fact]
    public async Task The_same_password_many_times_at_once_is_one_attempt()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        var authenticator = new Authenticator(database, clock);
        await new UserAdministration(database).AddAsync("anna", "secret", isRestricted: true, ScryptParameters.Default, Cancellation);
        var results = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => Task.Run(() => authenticator.AuthenticateAsync("anna", "secret", Here, Cancellation)))
        );
        Assert.All(results, result => Assert.IsType<Authentication.Accepted>(result));
    }

    [Fact]
    public void Networks_of_ipv6_count_as_one_address()
    {
        var limiter = new LoginLimiter(clock);
        for (var i = 0; i < 5; i++)
            Fail(limiter, LoginKey.Of(IPAddress.Parse($"2001:db8:1:2::{i:x}"), "anna"));

        Assert.NotNull(limiter.Begin(LoginKey.Of(IPAddress.Parse("2001:db8:1:2:ffff::1"), "anna")));
        Assert.Null(limiter.Begin(LoginKey.Of(IPAddress.Parse("2001:db8:1:3::1"), "anna")));
    }

    [Fact]
    public void Names_and_addresses_without_end_do_not_fill_the_memory_and_the_newest_stay()
    {
        var limiter = new LoginLimiter(clock);
        for (var i = 0; i < 25_000; i++)
        {
            Fail(limiter, LoginKey.Of(Here, new string('n', 100) + i));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.InRange(limiter.Count, 1, 10_000);
        for (var i = 0; i < 5; i++)
            Fail(limiter, LoginKey.Of(Here, "newest"));
        for (var i = 0; i < 5_000; i++)
            Fail(limiter, LoginKey.Of(Here, "more" + i));
        Assert.NotNull(limiter.Begin(LoginKey.Of(Here, "newest")));
    }

    private static void Fail(LoginLimiter limiter, LoginKey key)
    {
        Assert.Null(limiter.Begin(key));
        limiter.End(key, isRight: false);
    }
}
