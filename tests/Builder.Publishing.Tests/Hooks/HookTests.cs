using System.Text;
using Builder.Protocol.Values;
using Builder.Publishing.Queue;

namespace Builder.Publishing.Tests.Hooks;

public sealed class HookTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_hook_gets_exactly_the_arguments_of_the_original()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "print.sh", """printf '%s\n' "$#" "$@" """);
        var binary = await site.FileAsync("binary");

        var uuid = await site.StoreAsync(binary, "20260304050607", path: "bin/hello.hvt");
        await queue.DrainAsync(Cancellation);

        var (task, output) = await LastAsync(queue);
        Assert.Equal(TaskState.Done, task.State);
        Assert.Equal(0, task.ExitCode);
        var sha256 = DebMaker.Sha256(binary);
        Assert.Equal(
            $"""
            9
            --build-time=20260304050607
            --sha256={sha256}
            --job=hello-deb
            --uuid={uuid}
            --platform=debian-12
            --cache-dir={site.Data}/_cache
            --data-dir={site.Data}
            --main-binary-filepath=bin/hello.hvt
            {site.Data}/_artifacts/{sha256[..2]}/{sha256}

            """,
            output
        );
    }

    [Fact]
    public async Task Hostile_names_arrive_as_they_are()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "print.sh", """printf '%s\n' "$@" """);
        const string job = "$(touch pwned) `id` ; \"'\\ * ü";
        const string platform = "--help -rf & <x>";

        await site.StoreAsync(await site.FileAsync("x"), job: job, platform: platform, path: "bin/a b\n$(c) 'd'.bin");
        await queue.DrainAsync(Cancellation);

        var (_, output) = await LastAsync(queue);
        Assert.Contains($"\n--job={job}\n", output, StringComparison.Ordinal);
        Assert.Contains($"\n--platform={platform}\n", output, StringComparison.Ordinal);
        Assert.Contains("\n--main-binary-filepath=bin/a b\n$(c) 'd'.bin\n", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(site.Data, "pwned", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_name_that_is_no_text_arrives_byte_for_byte()
    {
        await using var site = await TestSite.CreateAsync();
        await site.HookAsync("upload-hooks", "print.sh", """printf '%s\n' "$#" "$8" | od -An -c; exit 3""");
        var settings = Builder.Publishing.Hooks.HookSettings.Load(site.Config);
        var build = DebMaker.Build(await site.FileAsync("x"), "20260101000000");
        byte[] name = [.. "bin/"u8, 0xff, (byte)' ', 0xfe];
        Assert.True(ArtifactPath.TryParse(new ByteString(name), out var path, out _));

        var result = await new Builder.Publishing.Hooks.HookRunner(settings, site.Data, TimeProvider.System).RunAsync(
            Path.Combine(settings.UploadHooks, "print.sh"),
            build with
            {
                MainBinary = build.MainBinary! with { Path = path },
            },
            Cancellation
        );

        var output = Encoding.UTF8.GetString(result.Output);
        Assert.Contains("9  \\n", output, StringComparison.Ordinal);
        Assert.Contains(
            "b   i   n   / 377",
            string.Join(' ', output.Split('\n', StringSplitOptions.TrimEntries)),
            StringComparison.Ordinal
        );
        Assert.Contains("376", output, StringComparison.Ordinal);
        Assert.Equal(123, result.ExitCode);
    }

    [Fact]
    public async Task A_failure_hook_runs_for_a_build_without_main_binary_and_hears_the_result()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "not-this.sh", "echo wrong");
        await site.HookAsync("failure-hooks", "tell.sh", """printf '%s\n' "$@" """);

        await site.StoreAsync(binary: null);
        await queue.DrainAsync(Cancellation);

        var (task, output) = await LastAsync(queue);
        Assert.Equal(TaskKind.FailureHook, task.Kind);
        Assert.Contains("--result=exited 1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("--sha256", output, StringComparison.Ordinal);
        Assert.Single(await queue.Tasks.ListAsync(new TaskFilter(), 10, Cancellation));
    }

    [Fact]
    public async Task Only_executable_files_that_end_in_sh_run_in_the_order_of_their_names()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "b.sh", "true");
        await site.HookAsync("upload-hooks", "a.sh", "true");
        await site.HookAsync("upload-hooks", "plain.sh", "true", executable: false);
        await site.HookAsync("upload-hooks", "c.sh.sample", "true");
        Directory.CreateDirectory(Path.Combine(site.Config, "upload-hooks", "folder.sh"));

        await site.StoreAsync(await site.FileAsync("x"));
        await queue.DrainAsync(Cancellation);

        Assert.Equal(["b.sh", "a.sh"], (await queue.Tasks.ListAsync(new TaskFilter(), 10, Cancellation)).Select(task => task.Name));
    }

    [Fact]
    public async Task A_failing_hook_is_recorded_and_can_be_run_again()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "fails.sh", "echo no luck >&2; exit 3");
        await site.StoreAsync(await site.FileAsync("x"));
        await queue.DrainAsync(Cancellation);
        var (failed, output) = await LastAsync(queue);
        Assert.Equal((TaskState.Failed, 3, "no luck\n"), (failed.State, failed.ExitCode, output));

        await site.HookAsync("upload-hooks", "fails.sh", "echo better");
        Assert.Equal(1, await queue.Tasks.RerunAsync(new TaskFilter(Id: failed.Id), TimeProvider.System.GetUtcNow(), Cancellation));
        await queue.DrainAsync(Cancellation);

        var (done, again) = await LastAsync(queue);
        Assert.Equal((TaskState.Done, 0, "better\n"), (done.State, done.ExitCode, again));
    }

    [Fact]
    public async Task A_hook_that_takes_too_long_is_killed_with_what_it_started()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "slow.sh", $"echo started; sleep 1000 & echo $! > {site["child"]}; wait");
        var hooks = new Builder.Publishing.Hooks.HookSettings(site.Config, 1, TimeSpan.FromSeconds(1));
        var build = DebMaker.Build(await site.FileAsync("x"), "20260101000000");

        var result = await new Builder.Publishing.Hooks.HookRunner(hooks, site.Data, TimeProvider.System).RunAsync(
            Path.Combine(hooks.UploadHooks, "slow.sh"),
            build,
            Cancellation
        );

        Assert.Null(result.ExitCode);
        Assert.Contains("killed", result.Message, StringComparison.Ordinal);
        Assert.Equal("started\n", Encoding.UTF8.GetString(result.Output));
        var child = (await File.ReadAllTextAsync(site["child"], Cancellation)).Trim();
        var (_, state) = await Tools.RunAsync("ps", ["-o", "stat=", "-p", child]);
        Assert.DoesNotContain("S", state, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_much_output_beginning_and_end_are_kept()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync("upload-hooks", "talks.sh", "echo first; seq 1 100000; echo last");
        await site.StoreAsync(await site.FileAsync("x"));
        await queue.DrainAsync(Cancellation);

        var (task, output) = await LastAsync(queue);

        Assert.Equal("ended well", task.Message);
        Assert.InRange(output.Length, 60_000, 70_000);
        Assert.StartsWith("first\n", output, StringComparison.Ordinal);
        Assert.EndsWith("100000\nlast\n", output, StringComparison.Ordinal);
        Assert.Contains("bytes left out", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_due_or_running_when_the_program_died_runs_after_the_restart()
    {
        await using var site = await TestSite.CreateAsync();
        using (var dying = await site.StartQueueAsync())
        {
            await site.HookAsync("upload-hooks", "hook.sh", $"echo ran >> {site["ran"]}");
            var stored = await site.StoreAsync(await site.FileAsync("x"));
            await dying.DrainAsync(Cancellation);
            var (task, _) = await LastAsync(dying);
            Assert.Equal(stored, task.Build);
            await dying.Tasks.StartAsync(task.Id, TimeProvider.System.GetUtcNow(), Cancellation);
        }
        await site.StoreAsync(await site.FileAsync("stored while nobody looked"));

        using var next = await site.OpenQueueAsync();
        await next.DrainAsync(Cancellation);

        Assert.All(await next.Tasks.ListAsync(new TaskFilter(), 10, Cancellation), task => Assert.Equal(TaskState.Done, task.State));
        Assert.Equal(3, (await File.ReadAllLinesAsync(site["ran"], Cancellation)).Length);
    }

    [Fact]
    public async Task Builds_from_before_the_first_start_are_history()
    {
        await using var site = await TestSite.CreateAsync();
        await site.HookAsync("upload-hooks", "hook.sh", "true");
        await site.StoreAsync(await site.FileAsync("old"));
        using var queue = await site.OpenQueueAsync();

        await queue.DrainAsync(Cancellation);

        Assert.Empty(await queue.Tasks.ListAsync(new TaskFilter(), 10, Cancellation));
    }

    private static async Task<(PublishingTask Task, string Output)> LastAsync(PublishingQueue queue)
    {
        var last = (await queue.Tasks.ListAsync(new TaskFilter(), 1, Cancellation))[0];
        var found = await queue.Tasks.FindAsync(last.Id, Cancellation);
        return (found!.Value.Task, Encoding.UTF8.GetString(found.Value.Output));
    }
}
