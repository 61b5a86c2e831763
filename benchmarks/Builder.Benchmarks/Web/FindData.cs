using System.Globalization;
using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Builder.Storage.Search;

namespace Builder.Benchmarks.Web;

/// <summary>Fills the index of contents and the index of consoles, for benchmarks/find.sh.</summary>
/// <param name="sets">Package sets of 200 members; each stands for 50 builds.</param>
/// <param name="consoles">Of 2,000 lines.</param>
internal sealed class FindData(DatabaseSettings settings, int sets, int consoles)
{
    private const int Members = 200;
    private const int BuildsPerSet = 50;
    private const int Names = 2000;
    private const int Lines = 2000;

    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        await new Migrator(settings, new Progress<string>()).MigrateAsync(cancellationToken);
        // Makes the tables that are no part of the schema.
        await using var storage = await BuilderStorage.OpenAsync(settings, TimeProvider.System, cancellationToken);
        await storage.Database.WriteAsync(
            async session =>
            {
                await AddPackagesAsync(session, cancellationToken);
                await AddBuildsAsync(session, cancellationToken);
                return 0;
            },
            cancellationToken
        );
        var index = new ConsoleTextIndex(storage.Database, storage.BuildFiles, 1L << 30);
        while (await index.AdvanceAsync(cancellationToken) > 0) { }
        await using var read = await storage.Database.OpenReadAsync(cancellationToken);
        var size = await index.SizeAsync(read, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"index of consoles: {size / 1e6:0.0} MB"));
    }

    /// <summary>A version of a package goes into the sets of a while: the next ones have the next.</summary>
    private async Task AddPackagesAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<(int Name, int Version), long>();
        for (var set = 0; set < sets; set++)
        {
            var id = await session.IntegerAsync(
                "INSERT INTO package_set (sha256, kind) VALUES (@hash, 0) RETURNING id",
                cancellationToken,
                ("@hash", Sha256Digest.Of(Encoding.UTF8.GetBytes($"set {set}")))
            );
            for (var member = 0; member < Members; member++)
            {
                var name = (set + (member * 37)) % Names;
                var version = set * 20 / Math.Max(1, sets);
                if (!ids.TryGetValue((name, version), out var package))
                    ids[(name, version)] = package = await session.IntegerAsync(
                        "INSERT INTO package (ecosystem, name, version) VALUES (0, @name, @version) RETURNING id",
                        cancellationToken,
                        ("@name", $"package-{name}"),
                        ("@version", $"1.{version}.0")
                    );
                await session.ExecuteAsync(
                    "INSERT INTO package_member (package, package_set, way) VALUES (@package, @set, 1) ON CONFLICT DO NOTHING",
                    cancellationToken,
                    ("@package", package),
                    ("@set", id)
                );
            }
            var place = (set % 300) + 1;
            if (set < 300)
                await session.ExecuteAsync(
                    "INSERT INTO package_place (id, job, platform) VALUES (@id, @job, @platform)",
                    cancellationToken,
                    ("@id", place),
                    ("@job", $"job-{set % 100:000}"),
                    ("@platform", $"platform-{set / 100}")
                );
            await session.ExecuteAsync(
                """
                INSERT INTO package_use (package_set, place, builds, first_uuid, first_d, first_ps, last_uuid, last_d, last_ps)
                VALUES (@set, @place, @builds, @uuid, @d, 0, @uuid, @d, 1)
                """,
                cancellationToken,
                ("@set", id),
                ("@place", place),
                ("@builds", BuildsPerSet),
                ("@uuid", BuildUuid.NewRandom()),
                ("@d", 10_000 + set)
            );
        }
    }

    private async Task AddBuildsAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var user = await session.IntegerAsync(
            """
            INSERT INTO "user" (username, password_hash, password_salt, scrypt_n, scrypt_r, scrypt_p, restricted)
            VALUES ('bench', @none, @none, 16, 1, 1, FALSE) RETURNING id
            """,
            cancellationToken,
            ("@none", new byte[1])
        );
        var folder = Path.Combine(settings.DataDirectory, "bench");
        Directory.CreateDirectory(folder);
        var random = new Random(1);
        // The words of real consoles: compilers, packages, paths.
        var words = Enumerable.Range(0, 4000).Select(_ => Word(random)).ToArray();
        var jobs = new List<long>();
        for (var job = 0; job < 100; job++)
            jobs.Add(
                await session.IntegerAsync(
                    "INSERT INTO job (name) VALUES (@name) RETURNING id",
                    cancellationToken,
                    ("@name", $"job-{job:000}")
                )
            );
        for (var number = 0; number < consoles; number++)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{number}.txt"), TextOf(random, words, number), cancellationToken);
            await session.ExecuteAsync(
                """
                INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job)
                VALUES (@uuid, @d, 0, @d, 1, 0, 1, @console, @console, @platform, @user, @job)
                """,
                cancellationToken,
                ("@uuid", BuildUuid.NewRandom()),
                ("@d", 10_000 + number),
                ("@console", $"bench/{number}.txt"),
                ("@platform", $"platform-{number / 100 % 3}"),
                ("@user", user),
                ("@job", jobs[number % 100])
            );
        }
        await session.ExecuteAsync("UPDATE package_progress SET build = (SELECT MAX(id) FROM build)", cancellationToken);
    }

    private static string Word(Random random) =>
        string.Concat(
            Enumerable
                .Range(0, random.Next(3, 12))
                .Select(_ => "etaoinshrdlucmfwypvbgkqjxz"[Math.Min(25, (int)(random.NextDouble() * random.NextDouble() * 30))])
        );

    private static string TextOf(Random random, string[] words, int number)
    {
        var text = new StringBuilder(Lines * 60);
        for (var line = 0; line < Lines; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line}.{line % 1000:000}s:");
            for (var word = 0; word < 7; word++)
                text.Append(words[(int)(random.NextDouble() * random.NextDouble() * words.Length)]).Append(' ');
            text.Append('\n');
        }
        // In one of a thousand consoles; the words of "a rare line" are in more.
        if (number % 1000 == 500)
            text.Append("2000.000s:/usr/bin/ld: main.o: undefined reference to `caml_ml_z_powm'\n");
        return text.ToString();
    }
}
