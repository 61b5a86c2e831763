using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>A job without a sandbox, run by the worker's own user, tries to look into the worker.</summary>
public sealed class WorkerSecretsTests
{
    [Fact]
    public async Task A_job_reads_neither_memory_nor_environment_nor_descriptors_of_its_worker()
    {
        await OtherUser.Nobody.EnsureAsync();
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["work"]);
        foreach (var path in (string[])[directory["."], directory["work"]])
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        await using var server = BuilderProcess.Start(
            "server",
            "--port",
            "0",
            "--dir",
            directory["server"],
            "--config-dir",
            directory["config"]
        );
        var remote = (await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal))).Split(' ')[^1];
        await using var worker = BuilderProcess.Start(
            [.. OtherUser.Nobody.Command, BuilderProcess.Executable],
            ["worker", "p", "-r", remote, "--workdir", directory["work"]],
            new Dictionary<string, string> { ["SECRET"] = "sesame" }
        );
        await worker.LineAsync(line => line.Contains("waiting for jobs", StringComparison.Ordinal));

        await File.WriteAllTextAsync(directory["job.sh"], Script(worker.Id), TestContext.Current.CancellationToken);
        var (scheduled, said) = await BuilderProcess.RunAsync(["client", "-r", remote, "schedule", "job", "p", directory["job.sh"]]);
        Assert.True(scheduled == 0, said);
        Assert.Equal(0, await worker.ExitAsync());

        var full = Directory.EnumerateFiles(directory["server"], "full", SearchOption.AllDirectories).Single();
        var (_, console) = await BuilderProcess.RunAsync(["inspect", full, "--console"]);
        Assert.Equal(["its own: opened", "two processes tried"], console.Split('\n').Select(line => line.Trim().Split("  ")[^1]));
    }

    /// <summary>The job's own memory shows that the attempt is one that can succeed.</summary>
    private static string Script(int worker) =>
        $$"""
            ( : < /proc/self/mem ) && echo "its own: opened"
            tried=no
            for pid in {{worker}} $(cat /proc/{{worker}}/task/*/children); do
              for file in mem environ maps; do ( : < /proc/$pid/$file ) 2>/dev/null && echo "$file of $pid: opened"; done
              ls /proc/$pid/fd >/dev/null 2>&1 && echo "descriptors of $pid: listed"
              [ $tried = one ] && tried=two || tried=one
            done
            echo "$tried processes tried"
            """;
}
