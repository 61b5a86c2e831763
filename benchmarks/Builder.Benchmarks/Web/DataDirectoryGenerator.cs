using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Migrations;

namespace Builder.Benchmarks.Web;

/// <summary>
/// Fills a data directory with jobs × platforms × builds, as a farm leaves them: most builds are reproduced, every tenth
/// output is new, some builds fail, a few are not reproducible. Inputs are two real opam switches of 200 packages by turns, with an
/// environment and a list of system packages of a usual size. The same numbers give the same directory.
/// </summary>
internal sealed class DataDirectoryGenerator(string path, int jobs, int platforms, int builds)
{
    public const string LongJob = "long";

    private const int Reproductions = 10;

    /// <summary>Builds of one job on one platform, whatever the numbers.</summary>
    private const int LongHistory = 500;

    private readonly DataDirectory directory = new(path);
    private readonly DatabaseSettings settings = new(path);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await new Migrator(settings, new Progress<string>()).MigrateAsync(cancellationToken);
        await using var database = await BuilderDatabase.OpenAsync(settings, cancellationToken);
        var inputs = new[] { new Inputs("left", Keep), new Inputs("right", Keep) };
        Directory.CreateDirectory(Path.Combine(path, "bench"));
        await File.WriteAllTextAsync(Path.Combine(path, "bench", "console.txt"), "0.001s:+ make\n1.500s:done\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(path, "bench", "script.txt"), "make\n", cancellationToken);
        await database.WriteAsync(
            async session =>
            {
                var user = await session.IntegerAsync(
                    """
                    INSERT INTO "user" (username, password_hash, password_salt, scrypt_n, scrypt_r, scrypt_p, restricted)
                    VALUES ('bench', x'00', x'00', 16, 1, 1, FALSE) RETURNING id
                    """,
                    cancellationToken
                );
                var section = await TagAsync(session, "section", cancellationToken);
                var synopsis = await TagAsync(session, "synopsis", cancellationToken);
                for (var job = 0; job < jobs; job++)
                {
                    var id = await session.IntegerAsync(
                        "INSERT INTO job (name) VALUES (@name) RETURNING id",
                        cancellationToken,
                        ("@name", $"job-{job:000}")
                    );
                    await AddTagAsync(session, id, section, job % 3 == 0 ? "Packages" : "Unikernels", cancellationToken);
                    await AddTagAsync(session, id, synopsis, $"What the job number {job} is for", cancellationToken);
                    for (var platform = 0; platform < platforms; platform++)
                        await AddBuildsAsync(session, user, id, job, platform, builds, inputs, cancellationToken);
                }
                var longId = await session.IntegerAsync(
                    "INSERT INTO job (name) VALUES (@name) RETURNING id",
                    cancellationToken,
                    ("@name", LongJob)
                );
                await AddBuildsAsync(session, user, longId, jobs, platform: 0, LongHistory, inputs, cancellationToken);
                await AddDownloadAsync(session, user, inputs[0], cancellationToken);
            },
            cancellationToken
        );
        await using (var session = await database.OpenReadAsync(cancellationToken))
            await session.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    private async Task AddBuildsAsync(
        DatabaseSession session,
        long user,
        long jobId,
        int job,
        int platform,
        int count,
        Inputs[] inputs,
        CancellationToken cancellationToken
    )
    {
        var first = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero).AddHours(-6 * count);
        for (var build = 0; build < count; build++)
        {
            var fails = (build + job) % 23 == 0;
            var deviates = !fails && job % 29 == 0 && build % 17 == 3;
            var output = Keep(Encoding.UTF8.GetBytes($"binary {job} {platform} {build / Reproductions}{(deviates ? $" {build}" : "")}\n"));
            var start = Timestamp.From(first.AddHours(6 * build).AddMinutes(job + (platform * 7)));
            var finish = start + TimeSpan.FromMinutes(5);
            var id = await session.IntegerAsync(
                """
                INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job, input_id)
                VALUES (@uuid, @sd, @sp, @fd, @fp, 0, @status, 'bench/console.txt', 'bench/script.txt', @platform, @user, @job, @input)
                RETURNING id
                """,
                cancellationToken,
                ("@uuid", UuidOf(job, platform, build).ToString()),
                ("@sd", start.Days),
                ("@sp", start.PicosecondsOfDay),
                ("@fd", finish.Days),
                ("@fp", finish.PicosecondsOfDay),
                ("@status", fails ? 1 : 0),
                ("@platform", $"platform-{platform}"),
                ("@user", user),
                ("@job", jobId),
                ("@input", SHA256.HashData(Encoding.UTF8.GetBytes($"{job} {platform} {build / Reproductions}")))
            );
            foreach (var (name, content) in inputs[build / Reproductions % inputs.Length].Files)
                await AddArtifactAsync(session, id, name, content, cancellationToken);
            if (fails)
                continue;
            var main = await AddArtifactAsync(session, id, $"bin/job-{job:000}.hvt", output, cancellationToken);
            await session.ExecuteAsync(
                "UPDATE build SET main_binary = @main, main_sha256 = @hash WHERE id = @id",
                cancellationToken,
                ("@main", main),
                ("@hash", output.Digest),
                ("@id", id)
            );
        }
    }

    /// <summary>A build with one large file, to be downloaded.</summary>
    private async Task AddDownloadAsync(DatabaseSession session, long user, Inputs inputs, CancellationToken cancellationToken)
    {
        var content = new byte[10_000_000];
        new Random(1).NextBytes(content);
        var output = Keep(content);
        var job = await session.IntegerAsync("INSERT INTO job (name) VALUES ('download') RETURNING id", cancellationToken);
        var id = await session.IntegerAsync(
            """
            INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job, input_id)
            VALUES (@uuid, 20000, 0, 20000, 0, 0, 0, 'bench/console.txt', 'bench/script.txt', 'platform-0', @user, @job, @input)
            RETURNING id
            """,
            cancellationToken,
            ("@uuid", DownloadUuid),
            ("@user", user),
            ("@job", job),
            ("@input", SHA256.HashData("download"u8))
        );
        foreach (var (name, input) in inputs.Files)
            await AddArtifactAsync(session, id, name, input, cancellationToken);
        var main = await AddArtifactAsync(session, id, "bin/download.img", output, cancellationToken);
        await session.ExecuteAsync(
            "UPDATE build SET main_binary = @main, main_sha256 = @hash WHERE id = @id",
            cancellationToken,
            ("@main", main),
            ("@hash", output.Digest),
            ("@id", id)
        );
    }

    public static BuildUuid DownloadUuid { get; } = UuidOf(-1, 0, 0);

    /// <summary>Known beforehand, so that a load generator can ask for any.</summary>
    public static BuildUuid UuidOf(int job, int platform, int build) =>
        BuildUuid.FromBytes(
            SHA256
                .HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{job}/{platform}/{build}")))
                .AsSpan(0, BuildUuid.SizeInBytes)
        );

    private static Task<long> AddArtifactAsync(
        DatabaseSession session,
        long build,
        string name,
        (Sha256Digest Digest, int Size) content,
        CancellationToken cancellationToken
    ) =>
        session.IntegerAsync(
            "INSERT INTO build_artifact (filepath, sha256, size, build) VALUES (@path, @hash, @size, @build) RETURNING id",
            cancellationToken,
            ("@path", name),
            ("@hash", content.Digest),
            ("@size", content.Size),
            ("@build", build)
        );

    private static Task<long> TagAsync(DatabaseSession session, string tag, CancellationToken cancellationToken) =>
        session.IntegerAsync(
            "INSERT INTO tag (tag) VALUES (@tag) ON CONFLICT (tag) DO UPDATE SET tag = excluded.tag RETURNING id",
            cancellationToken,
            ("@tag", tag)
        );

    private static Task<int> AddTagAsync(DatabaseSession session, long job, long tag, string value, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            "INSERT INTO job_tag (tag, value, job) VALUES (@tag, @value, @job)",
            cancellationToken,
            ("@tag", tag),
            ("@value", value),
            ("@job", job)
        );

    private (Sha256Digest Digest, int Size) Keep(byte[] content)
    {
        var digest = Sha256Digest.Of(content);
        var file = directory.OfArtifact(digest);
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }
        return (digest, content.Length);
    }

    /// <summary>The three files that say what a build was made of.</summary>
    private sealed class Inputs
    {
        private const int Variables = 60;
        private const int SystemPackages = 300;

        public Inputs(string side, Func<byte[], (Sha256Digest Digest, int Size)> keep) =>
            Files = [
                ("opam-switch", keep(Vectors.Switch(side))),
                (
                    "build-environment",
                    keep(Lines(Variables, line => $"VARIABLE_{line}={(line % 20 == 0 ? side : "the same on both sides")}"))
                ),
                (
                    "system-packages",
                    keep(Lines(SystemPackages, line => $"lib-package-{line}=1.{line}-{(line % 50 == 0 && side == "right" ? 2 : 1)}"))
                ),
            ];

        public IReadOnlyList<(string Name, (Sha256Digest Digest, int Size) Content)> Files { get; }

        private static byte[] Lines(int count, Func<int, string> line) =>
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(number => line(number) + "\n")));
    }
}
