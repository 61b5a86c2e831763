using System.Net;
using Builder.Protocol;
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
        using var authenticator = new Authenticator(database, clock);

        var admin = Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("admin", "pw-admin", Here, Cancellation)).User;
        var restricted = Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("restr", "pw-restr", Here, Cancellation)).User;

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
        using var authenticator = new Authenticator(database, clock);
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
    public async Task Ten_failures_within_a_minute_close_the_door_for_that_address_only()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        using var authenticator = new Authenticator(database, clock);
        await new UserAdministration(database).AddAsync("anna", "secret", isRestricted: true, Cheap, Cancellation);
        await new UserAdministration(database).AddAsync("berta", "secret", isRestricted: true, Cheap, Cancellation);
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("anna", "secret", Here, Cancellation));
        for (var i = 0; i < 10; i++)
            Assert.IsType<Authentication.Rejected>(await authenticator.AuthenticateAsync("anna", $"guess {i}", Here, Cancellation));

        clock.Advance(TimeSpan.FromSeconds(20));
        var throttled = Assert.IsType<Authentication.Throttled>(await authenticator.AuthenticateAsync("berta", "secret", Here, Cancellation));
        Assert.Equal(TimeSpan.FromSeconds(40), throttled.RetryAfter);
        Assert.IsType<Authentication.Throttled>(await authenticator.AuthenticateAsync("berta", "secret", IPAddress.Parse("::ffff:192.0.2.1"), Cancellation));
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("berta", "secret", IPAddress.Parse("192.0.2.2"), Cancellation));
        // Who was right a moment ago is not shut out by a neighbour who guesses.
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("anna", "secret", Here, Cancellation));

        clock.Advance(TimeSpan.FromSeconds(41));
        Assert.IsType<Authentication.Accepted>(await authenticator.AuthenticateAsync("berta", "secret", Here, Cancellation));
    }

    [Fact]
    public void Networks_of_ipv6_count_as_one_address()
    {
        var limiter = new FailureLimiter(clock);
        for (var i = 0; i < 10; i++)
            limiter.Failed(IPAddress.Parse($"2001:db8:1:2::{i:x}"));

        Assert.NotNull(limiter.Wait(IPAddress.Parse("2001:db8:1:2:ffff::1")));
        Assert.Null(limiter.Wait(IPAddress.Parse("2001:db8:1:3::1")));
    }
}
