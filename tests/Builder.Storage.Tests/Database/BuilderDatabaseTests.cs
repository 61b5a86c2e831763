using System.Data.Common;
using Builder.Storage.Database;
using Builder.Storage.Troubles;

namespace Builder.Storage.Tests.Database;

public abstract class BuilderDatabaseTests(DatabaseEngine engine)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed class OnSqlite() : BuilderDatabaseTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : BuilderDatabaseTests(DatabaseEngine.PostgreSql);

    [Fact]
    public async Task A_write_that_throws_leaves_nothing_and_does_not_count()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var before = await RevisionAsync(database);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            database.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("INSERT INTO job (name) VALUES ('hello')", Cancellation);
                    throw new InvalidOperationException();
                },
                Cancellation
            )
        );

        Assert.Equal(before, await RevisionAsync(database));
        await using var session = await database.OpenReadAsync(Cancellation);
        Assert.False(await session.AnyAsync("SELECT 1 FROM job", Cancellation));
    }

    [Fact]
    public async Task Writers_of_two_processes_wait_for_each_other_and_each_raises_the_revision()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var one = await folder.OpenAsync();
        await using var other = await folder.OpenAsync();
        var before = await RevisionAsync(one);

        await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i =>
                    Task.Run(() =>
                        (i % 2 == 0 ? one : other).WriteAsync(
                            async session =>
                            {
                                // Read, then write what was read: lost updates would show.
                                var count = await session.IntegerAsync("SELECT COUNT(*) FROM tag", Cancellation);
                                await session.ExecuteAsync("INSERT INTO tag (tag) VALUES (@tag)", Cancellation, ("@tag", $"tag {count}"));
                            },
                            Cancellation
                        )
                    )
                )
        );

        Assert.Equal(before + 40, await RevisionAsync(other));
    }

    /// <summary>Only waiting for another process counts: a burst of uploads that queue for each other is no trouble.</summary>
    [Fact]
    public async Task Writers_of_one_process_queue_for_longer_than_a_lock_of_another_process_is_waited_for()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await BuilderDatabase.OpenAsync(folder.Settings with { LockPatience = Short }, Cancellation);
        var first = database.WriteAsync(_ => Task.Delay(5 * Short, TimeProvider.System, Cancellation), Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => database.WriteAsync(_ => Task.CompletedTask, Cancellation)).Append(first));
    }

    [Fact]
    public async Task Writers_give_up_together_while_another_process_has_the_lock_and_go_on_after_it()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await BuilderDatabase.OpenAsync(folder.Settings with { LockPatience = Short }, Cancellation);
        await using var other = await folder.OpenAsync();
        var before = await RevisionAsync(database);
        var (isLocked, mayEnd) = (
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        var holder = other.WriteAsync(
            _ =>
            {
                isLocked.SetResult();
                return mayEnd.Task;
            },
            Cancellation
        );
        await isLocked.Task;

        // Each in its turn would take 64 times as long as the one in front.
        var waiting = Enumerable.Range(0, 64).Select(_ => database.WriteAsync(_ => Task.CompletedTask, Cancellation)).ToList();
        foreach (var write in waiting)
        {
            var error = await Assert.ThrowsAnyAsync<DbException>(() => write.WaitAsync(32 * Short, Cancellation));
            Assert.Equal(TroubleKind.DatabaseLocked, StorageTrouble.Of(error)?.Kind);
        }

        mayEnd.SetResult();
        await holder;
        await database.WriteAsync(_ => Task.CompletedTask, Cancellation);
        Assert.Equal(before + 2, await RevisionAsync(database));
    }

    [Fact]
    public async Task A_reference_to_nothing_is_refused_at_commit()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();

        await Assert.ThrowsAnyAsync<DbException>(() =>
            database.WriteAsync(
                session => session.ExecuteAsync("INSERT INTO access_list (\"user\", job) VALUES (7, 7)", Cancellation),
                Cancellation
            )
        );
    }

    [Fact]
    public async Task A_query_is_prepared_once_and_takes_other_values_and_nulls()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        await database.WriteAsync(
            async session =>
            {
                foreach (var digest in new byte[]?[] { [1], null, [2] })
                {
                    await session.ExecuteAsync(
                        "INSERT INTO pending_removal (sha256, directory) VALUES (@digest, @directory)",
                        Cancellation,
                        ("@digest", digest),
                        ("@directory", digest is null ? "hello/x" : null)
                    );
                }
            },
            Cancellation
        );

        await using var session = await database.OpenReadAsync(Cancellation);
        Assert.Equal(
            ["01 -", "- hello/x", "02 -"],
            await session.QueryAsync(
                "SELECT sha256, directory FROM pending_removal ORDER BY id",
                static row => $"{(row.BlobOrNull(0) is { } blob ? Convert.ToHexString(blob) : "-")} {row.TextOrNull(1) ?? "-"}",
                Cancellation
            )
        );
    }

    [Fact]
    public async Task Whole_numbers_of_every_width_are_read()
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        await using var session = await database.OpenReadAsync(Cancellation);

        Assert.Equal(
            (1L, 5_000_000_000L, 0L, null),
            await session.QueryFirstAsync(
                "SELECT CASE WHEN 1 = 1 THEN 1 ELSE 0 END, 5000000000, (SELECT COALESCE(SUM(size), 0) FROM build_artifact), NULLIF(1, 1)",
                static row => (row.Integer(0), row.Integer(1), row.Integer(2), row.IntegerOrNull(3)),
                Cancellation
            )
        );
    }

    private static async Task<long> RevisionAsync(BuilderDatabase database)
    {
        await using var session = await database.OpenReadAsync(Cancellation);
        return await session.RevisionAsync(Cancellation);
    }
}
