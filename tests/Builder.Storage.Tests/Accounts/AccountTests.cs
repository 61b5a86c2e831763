using System.Net;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Values;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Storage.Tests.Accounts;

public abstract class AccountTests(DatabaseEngine engine)
{
    private static readonly ScryptParameters Cheap = new(2, 1, 1);
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public sealed class OnSqlite() : AccountTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : AccountTests(DatabaseEngine.PostgreSql);

    [Fact]
    public async Task A_user_has_the_role_that_was_given_last()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var users = new UserAdministration(database);
        await users.AddAsync("anna", "secret", isRestricted: false, Cheap, Stop, AccountRole.Operator);
        Assert.Equal(AccountRole.Operator, (await UserAsync(database, "anna", "secret")).Role);

        await users.UpdateAsync("anna", null, null, Cheap, Stop, AccountRole.Admin);
        Assert.Equal(AccountRole.Admin, (await UserAsync(database, "anna", "secret")).Role);
        await users.UpdateAsync("anna", "other", isRestricted: true, Cheap, Stop);
        Assert.Equal(AccountRole.Admin, (await UserAsync(database, "anna", "other")).Role);
        Assert.Equal(AccountRole.Admin, Assert.Single(await users.ListAsync(Stop)).Role);
    }

    [Fact]
    public async Task A_session_ends_when_it_is_idle_old_or_revoked()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var user = await AddAsync(database, "anna");
        var sessions = new AccountSessions(database, clock);

        var idle = await BeginAsync(sessions, user);
        clock.Advance(AccountSessions.MaxIdle - TimeSpan.FromMinutes(1));
        Assert.Equal("anna", (await sessions.FindAsync(idle, Stop))?.User.Name);
        clock.Advance(AccountSessions.MaxIdle - TimeSpan.FromMinutes(1));
        Assert.NotNull(await sessions.FindAsync(idle, Stop));
        clock.Advance(AccountSessions.MaxIdle);
        Assert.Null(await sessions.FindAsync(idle, Stop));

        var old = await BeginAsync(sessions, user);
        for (var age = TimeSpan.Zero; age < AccountSessions.MaxAge; age += TimeSpan.FromHours(6))
        {
            Assert.NotNull(await sessions.FindAsync(old, Stop));
            clock.Advance(TimeSpan.FromHours(6));
        }
        Assert.Null(await sessions.FindAsync(old, Stop));

        var revoked = await BeginAsync(sessions, user);
        var session = Assert.Single(await sessions.ListAsync(user, Stop));
        Assert.False(await sessions.RevokeAsync(new UserId(user.Value + 1), session.Id, Stop));
        Assert.NotNull(await sessions.FindAsync(revoked, Stop));
        Assert.True(await sessions.RevokeAsync(user, session.Id, Stop));
        Assert.Null(await sessions.FindAsync(revoked, Stop));
        Assert.Null(await sessions.FindAsync(AccountSecret.New(), Stop));
    }

    [Fact]
    public async Task A_new_password_and_a_disabled_user_end_sessions_and_links_and_a_disabled_one_tokens_too()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var user = await AddAsync(database, "anna");
        var users = new UserAdministration(database);
        var (sessions, links, tokens) = (
            new AccountSessions(database, clock),
            new SignInLinks(database, clock),
            new ApiTokens(database, clock)
        );
        var (session, link, token) = (
            await BeginAsync(sessions, user),
            await links.MakeAsync("anna", Stop),
            await TokenAsync(tokens, "read")
        );

        await users.UpdateAsync("anna", "other", null, Cheap, Stop);
        Assert.Null(await sessions.FindAsync(session, Stop));
        Assert.Null(await links.RedeemAsync(link, Stop));
        Assert.NotNull(await tokens.FindAsync(token, Stop));

        session = await BeginAsync(sessions, user);
        await users.DisableAsync("anna", Stop);
        Assert.Null(await sessions.FindAsync(session, Stop));
        Assert.Null(await tokens.FindAsync(token, Stop));
        await Assert.ThrowsAsync<UserNotFoundException>(() => links.MakeAsync("anna", Stop));
        Assert.True(Assert.Single(await users.ListAsync(Stop)).IsDisabled);
        Assert.True(await users.RemoveAsync("anna", Stop));
    }

    [Fact]
    public async Task A_link_signs_in_once_and_not_after_its_time()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        Assert.True(await new UserAdministration(database).AddWithoutPasswordAsync("admin", false, AccountRole.Admin, Stop));
        var links = new SignInLinks(database, clock);

        var link = await links.MakeAsync("admin", Stop);
        Assert.Equal(AccountRole.Admin, (await links.RedeemAsync(link, Stop))?.Role);
        Assert.Null(await links.RedeemAsync(link, Stop));

        var late = await links.MakeAsync("admin", Stop);
        clock.Advance(SignInLinks.Lifetime);
        Assert.Null(await links.RedeemAsync(late, Stop));
    }

    [Fact]
    public async Task A_token_is_for_its_scopes_and_its_time_and_never_kept_in_the_clear()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var user = await AddAsync(database, "anna");
        var tokens = new ApiTokens(database, clock);

        var secret = await TokenAsync(tokens, "upload:web-* run:hello read");
        Assert.True(ApiTokens.IsToken(secret));
        var (found, token) = (await tokens.FindAsync(secret, Stop))!.Value;
        Assert.True(found.Scopes!.MayUpload("web-front"));
        Assert.False(found.Scopes.MayUpload("hello"));
        Assert.True(found.MayAct(JobName.Parse("hello")));
        Assert.False(found.MayAct(JobName.Parse("hello2")));
        Assert.False(found.MayOperate);
        Assert.False(found.MayAdminister);
        Assert.Equal(clock.GetUtcNow(), Assert.Single(await tokens.ListAsync(user, Stop)).Seen);

        await using (var session = await database.OpenReadAsync(Stop))
        {
            var stored = await session.QueryFirstAsync("SELECT secret FROM api_token", static row => row.Blob(0), Stop);
            Assert.Equal(32, stored!.Length);
            Assert.DoesNotContain(secret[ApiTokens.Prefix.Length..], Convert.ToHexString(stored), StringComparison.OrdinalIgnoreCase);
        }
        clock.Advance(TimeSpan.FromDays(90));
        Assert.Null(await tokens.FindAsync(secret, Stop));
        Assert.Null(await tokens.RevokeAsync(new UserId(user.Value + 1), token.Id, Stop));
        Assert.Equal("anna", (await tokens.RevokeAsync(user, token.Id, Stop))?.User);
        Assert.Empty(await tokens.ListAsync(null, Stop));
    }

    [Fact]
    public async Task The_audit_log_takes_entries_and_gives_up_none()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var log = new AuditLog(database, clock);
        await log.AddAsync(
            new AuditEntry("anna", "session", "192.0.2.1", "run", "hello", AuditOutcome.Refused, "no\u001b[31m such job"),
            Stop
        );
        await log.AddAsync(new AuditEntry("berta", "token ci", "192.0.2.1", "cancel", "hello", AuditOutcome.Done), Stop);

        foreach (var sql in (string[])["DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"])
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
                database.WriteAsync(session => session.ExecuteAsync(sql, Stop), Stop)
            );

        var entries = await log.ListAsync(long.MaxValue, null, 10, Stop);
        Assert.Equal(["berta", "anna"], entries.Select(entry => entry.Entry.Actor));
        Assert.Equal("no?[31m such job", Assert.Single(await log.ListAsync(long.MaxValue, "anna", 10, Stop)).Entry.Detail);
        Assert.Equal("anna", Assert.Single(await log.ListAsync(entries[0].Id, null, 10, Stop)).Entry.Actor);
    }

    [Theory]
    [InlineData("", "needs a scope")]
    [InlineData("upload", "\"upload\" is unknown")]
    [InlineData("upload:", "\"upload:\" is unknown")]
    [InlineData("everything", "\"everything\" is unknown")]
    public void Scopes_that_are_none_are_named(string text, string reason)
    {
        Assert.False(TokenScopes.TryParse(text, out _, out var given));
        Assert.Contains(reason, given, StringComparison.Ordinal);
    }

    private async Task<User> UserAsync(BuilderDatabase database, string name, string password) =>
        Assert.IsType<Authentication.Accepted>(await new Authenticator(database, clock).AuthenticateAsync(name, password, Here, Stop)).User;

    private async Task<UserId> AddAsync(BuilderDatabase database, string name)
    {
        await new UserAdministration(database).AddAsync(name, "secret", isRestricted: false, Cheap, Stop, AccountRole.Operator);
        return (await UserAsync(database, name, "secret")).Id;
    }

    private static Task<string> BeginAsync(AccountSessions sessions, UserId user) =>
        sessions.BeginAsync(user, "password", "192.0.2.1", "Firefox", Stop);

    private static async Task<string> TokenAsync(ApiTokens tokens, string scopes)
    {
        Assert.True(TokenScopes.TryParse(scopes, out var parsed, out _));
        var secret = await tokens.MakeAsync("anna", "ci", parsed, TimeSpan.FromDays(90), Stop);
        Assert.NotNull(secret);
        return secret;
    }
}
