using Builder.Protocol.Values;
using Builder.Publishing.Queue;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Index;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests.Accounts;

/// <summary>A site with a build server, a failed hook, an advisory and an account of each role: whatever an action acts on is there.</summary>
internal sealed class ActionScene : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Answers = new(StringComparer.Ordinal)
    {
        ["workers"] = """
            {"workers":[
              {"name":"big","stable_name":"big","platform":"debian-12","drained":false,"isolation":null,"isolation_reason":null,"job":null},
              {"name":"small","stable_name":"small","platform":"debian-12","drained":true,"isolation":null,"isolation_reason":null,"job":null}],
             "held_jobs":0,"hold_reason":null,"drained":["small"]}
            """,
        ["spool"] = """{"builds":[]}""",
    };

    private ActionScene(FakeBuildServer server, Site site)
    {
        Server = server;
        Site = site;
    }

    public Site Site { get; }

    public FakeBuildServer Server { get; }

    /// <summary>A hook that failed.</summary>
    public long Hook { get; private set; }

    /// <summary>Of the account that acts.</summary>
    public long Token { get; private set; }

    /// <summary>Of the account that acts; not the one that it acts with.</summary>
    public long Session { get; private set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ActionScene> MakeAsync()
    {
        var info = LiveTests.Info() with { DroppedPlatforms = [ByteString.FromUtf8("freebsd-14")] };
        var server = new FakeBuildServer(info, LiveTests.Console) { Answers = Answers, Act = static _ => null };
        var site = await Site.FilledAsync(
            options => options with { Server = server.Address },
            prepare: async options =>
            {
                var hook = Path.Combine(options.ConfigurationDirectory!, "upload-hooks", "fail.sh");
                Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
                await File.WriteAllTextAsync(hook, "#!/bin/sh\nexit 3\n", Stop);
                File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                var folder = Path.Combine(options.DataDirectory, AdvisoryStore.FolderName);
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(
                    Path.Combine(folder, "OSEC-2026-01.md"),
                    "```\nid: OSEC-2026-01\naffected: \"ocaml\"\n```\n\n# A fault\n",
                    Stop
                );
            }
        );
        var scene = new ActionScene(server, site);
        await site.IndexedAsync();
        await BrowserSession.AddAsync(site, "victim", AccountRole.Uploader);
        return scene;
    }

    /// <summary>Signed in with an account of that role; its token and another session of it are there to be revoked.</summary>
    public async Task<BrowserSession> SignInAsync(AccountRole role)
    {
        var acting = await BrowserSession.OfAsync(Site, role);
        var name = BrowserSession.NameOf(role);
        using (var other = new BrowserSession(Site))
            (await other.SignInAsync(name, "pw-" + name)).Dispose();
        await using var database = await BuilderDatabase.OpenAsync(Site.Database, Stop);
        Token = await TokenAsync(database, name);
        var user = (await new UserAdministration(database).ListAsync(Stop)).Single(user => user.Name == name);
        await using var session = await database.OpenReadAsync(Stop);
        Session = await session.IntegerAsync(
            "SELECT MAX(sign_in_session.id) FROM sign_in_session JOIN \"user\" ON \"user\".id = sign_in_session.\"user\" WHERE \"user\".username = @name",
            Stop,
            ("@name", user.Name)
        );
        return acting;
    }

    /// <summary>Completes when the hook has failed once.</summary>
    public async Task FailHookAsync()
    {
        await Site.AddUsersAsync();
        var exec = await Uploads.ExecAsync("hooked", BuildUuid.NewRandom(), Site.Recorded, [("bin/hooked", "1"u8.ToArray())]);
        using var answer = await Site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(answer.IsSuccessStatusCode);
        await HookFailedAgainAsync();
    }

    /// <summary>Completes when no hook is due or running any more.</summary>
    public async Task HookFailedAgainAsync()
    {
        var queue = Site.Web.Services.GetRequiredService<PublishingQueue>();
        while (true)
        {
            queue.Wake();
            if (await queue.Tasks.ListAsync(new TaskFilter(State: TaskState.Failed), 1, Stop) is [var failed])
            {
                Hook = failed.Id;
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Stop);
        }
    }

    /// <summary>A token of the account with that role.</summary>
    public async Task<string> MakeTokenAsync(AccountRole role, string scopes)
    {
        await using var database = await BuilderDatabase.OpenAsync(Site.Database, Stop);
        Assert.True(TokenScopes.TryParse(scopes, out var parsed, out _));
        return (await new ApiTokens(database, Site.Clock).MakeAsync(BrowserSession.NameOf(role), "t", parsed, TimeSpan.FromDays(1), Stop))!;
    }

    /// <summary>The newest entry of the audit log.</summary>
    public async Task<AuditEntry> LastEntryAsync()
    {
        await using var database = await BuilderDatabase.OpenAsync(Site.Database, Stop);
        return (await new AuditLog(database, Site.Clock).ListAsync(long.MaxValue, null, 1, Stop))[0].Entry;
    }

    public async Task RemoveAccountAsync(string name)
    {
        await using var database = await BuilderDatabase.OpenAsync(Site.Database, Stop);
        var users = new UserAdministration(database);
        if ((await users.ListAsync(Stop)).Any(user => user.Name == name))
            await users.RemoveAsync(name, Stop);
    }

    /// <summary>The next page looks again.</summary>
    public void ForgetDismissals()
    {
        File.Delete(Path.Combine(Site.DataDirectory, AdvisoryStore.FolderName, ".dismissed"));
        Site.Clock.Advance(TimeSpan.FromSeconds(5));
    }

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        await Server.DisposeAsync();
    }

    private async Task<long> TokenAsync(BuilderDatabase database, string name)
    {
        Assert.True(TokenScopes.TryParse("read", out var scopes, out _));
        var tokens = new ApiTokens(database, Site.Clock);
        await tokens.MakeAsync(name, "old", scopes, TimeSpan.FromDays(1), Stop);
        return (await tokens.ListAsync(null, Stop))[0].Id;
    }
}
