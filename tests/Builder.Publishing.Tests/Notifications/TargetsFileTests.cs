using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Tests.Notifications;

public sealed class TargetsFileTests
{
    [Fact]
    public async Task A_file_with_targets_of_each_type_is_read()
    {
        await using var outbox = await Outbox.CreateAsync();
        await outbox.WriteAsync("hook.secret", $"whsec_{Convert.ToBase64String(Outbox.Secret)}\n");
        await outbox.WriteAsync("chat.url", "https://chat.example.org/hooks/abc\n");
        await outbox.WriteAsync("token", "secret-token\n");
        var path = await outbox.WriteAsync(
            "notify.yaml",
            """
            targets:
              - name: program
                type: webhook
                url: https://example.org/hook
                secret-file: [hook.secret, hook.secret]
                events: [build.failed, build.fixed]
                jobs: hello-*
                platforms: [debian-12]
                allow-private: [10.0.0.0/8, "::1"]
                parallel: 4
              - name: chat
                type: slack
                url-file: chat.url
              - name: phone
                type: ntfy
                url: https://ntfy.example.org/builds
              - name: room
                type: matrix
                url: https://matrix.example.org
                room: "!abc:example.org"
                token-file: token
              - name: commits
                type: github
                token-file: token
                repositories: {"hello-*": mirage/hello}
            """
        );

        var targets = TargetsFile.Read(path);

        Assert.Equal(["program", "chat", "phone", "room", "commits"], targets.Select(one => one.Name));
        var (program, chat, commits) = (targets[0], targets[1], targets[4]);
        Assert.Equal((2, 4), (program.Secrets.Count, program.Parallel));
        Assert.True(program.Networks.Contains(System.Net.IPAddress.Parse("10.1.1.1")));
        Assert.True(program.Networks.Contains(System.Net.IPAddress.IPv6Loopback));
        Assert.Equal(["build.failed", "build.fixed"], program.Filter.Events);
        Assert.Equal("https://chat.example.org/hooks/abc", chat.Address.AbsoluteUri);
        Assert.Equal(EventKind.ForPeople, chat.Filter.Events);
        Assert.Equal(("https://api.github.com/", "secret-token"), (commits.Address.AbsoluteUri, commits.Token));
        Assert.Equal(new AllowedRepository("hello-*", "mirage/hello"), Assert.Single(commits.Repositories));
    }

    [Fact]
    public async Task Every_fault_is_named_with_its_line_and_what_to_do()
    {
        await using var outbox = await Outbox.CreateAsync();
        var open = await outbox.WriteAsync("open.secret", $"whsec_{Convert.ToBase64String(Outbox.Secret)}\n");
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherRead);
        await outbox.WriteAsync("short.secret", "whsec_YWJj\n");
        var path = await outbox.WriteAsync(
            "notify.yaml",
            """
            targets:
              - name: a b
                type: webhook
                url: ftp://example.org
                secret-file: open.secret
              - name: two
                type: pigeon
              - name: three
                type: webhook
                url: https://user:password@example.org/
                secret-file: short.secret
                events: [build.broke]
                job: hello
              - name: four
                type: webhook
                url: https://example.org/
                allow-private: 10.0
                parallel: 99
              - name: four
                type: github
                repositories: {"*": ../x}
            """
        );

        var faults = Assert.Throws<NotificationException>(() => TargetsFile.Read(path)).Message.Split('\n');

        string[] expected =
        [
            "2: a target has a name of at most 64",
            "4: url is an address such as https",
            "7: type \"pigeon\" is unknown; use one of webhook, slack",
            "10: url is an address such as https",
            "13: \"job\" is unknown here; use name, type",
            "17: \"10.0\" is not an address",
            "18: parallel is a number from 1 to 16",
            "14: a webhook has a secret-file",
            "19: the target has no token-file",
            "21: \"../x\" is not a repository",
            "19: another target has the name \"four\"",
        ];
        foreach (var one in expected)
            Assert.Contains(faults, fault => fault.StartsWith($"{path}:{one}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("targets: {}", ":1: the file has one list")]
    [InlineData("others: []", ":1: the file has one list")]
    [InlineData("targets:\n  - [", ":3: ")]
    [InlineData("targets: [[[[[[[[[[[[]]]]]]]]]]]]", ":1: nested too deeply")]
    public async Task What_is_no_such_file_is_said(string text, string fault)
    {
        await using var outbox = await Outbox.CreateAsync();
        var path = await outbox.WriteAsync("notify.yaml", text);

        Assert.Contains(fault, Assert.Throws<NotificationException>(() => TargetsFile.Read(path)).Message, StringComparison.Ordinal);
    }
}
