using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Builder.Server.Tests.Scheduling;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Server.Tests.State;

/// <summary>A byte of the journal that is not what was written: the state is the same, or the start is refused; it never has less without a word.</summary>
public sealed class FlippedBitTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly TemporaryDirectory damagedDirectory = new();

    [Fact]
    public async Task Every_byte_of_a_log_that_was_closed_in_order_is_guarded() =>
        CheckEachByte(await WriteAsync(isKilled: false), mayLoseLast: false);

    [Fact]
    public async Task Of_a_log_that_was_not_closed_only_the_last_record_may_be_cut_off_and_is_kept() =>
        CheckEachByte(await WriteAsync(isKilled: true), mayLoseLast: true);

    [Fact]
    public async Task Every_byte_of_a_snapshot_is_guarded()
    {
        var events = Events();
        await using (var journal = Open())
        {
            journal.Append(events[0]);
            journal.BeginSnapshot(events);
            await journal.Durable();
        }
        var snapshot = directory["snapshot-0000000002"];
        File.Copy(directory["log-0000000002"], damagedDirectory["log-0000000002"]);
        var whole = await File.ReadAllBytesAsync(snapshot, TestContext.Current.CancellationToken);
        Check(damagedDirectory["snapshot-0000000002"], whole, mayLoseLast: false);
        for (var length = 1; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(damagedDirectory["snapshot-0000000002"], whole[..length], TestContext.Current.CancellationToken);
            Assert.Contains(
                "snapshot-0000000002 is damaged at byte ",
                Assert.Throws<InvalidDataException>(() => Replay()).Message,
                StringComparison.Ordinal
            );
        }
    }

    private static List<SchedulerEvent> Events()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("one", options: new JobOptions(1, TimeSpan.FromHours(2), "me", "0 4 * * *", new JobLimits { MaxArtifacts = 7 }));
        farm.ScheduleOrb("two");
        var lease = farm.Take()!;
        farm.Record(lease, spooled: true);
        return farm.Events;
    }

    private async Task<byte[]> WriteAsync(bool isKilled)
    {
        var log = directory["log-0000000001"];
        var journal = Open();
        await using (journal)
        {
            foreach (var change in Events())
            {
                journal.Append(change);
                await journal.Durable();
            }
            if (isKilled)
                return await ReadAsync(log);
        }
        return await ReadAsync(log);
    }

    private static async Task<byte[]> ReadAsync(string path)
    {
        using var file = new JournalFile(path);
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        return bytes[..(int)file.ReadFrom(file.Start).Last().End];
    }

    private void CheckEachByte(byte[] whole, bool mayLoseLast) => Check(damagedDirectory["log-0000000001"], whole, mayLoseLast);

    private void Check(string path, byte[] whole, bool mayLoseLast)
    {
        var events = Replay(path, whole);
        var cut = 0;
        for (var place = 0; place < whole.Length; place++)
        {
            foreach (var change in (byte[])[(byte)(1 << (place % 8)), 0xff, whole[place]])
            {
                if (change == 0)
                    continue;
                var damaged = (byte[])whole.Clone();
                damaged[place] ^= change;
                File.WriteAllBytes(path, damaged);
                try
                {
                    var read = Replay();
                    if (mayLoseLast && read.Count == events.Count - 1)
                    {
                        cut++;
                        Assert.Equal(events[..^1], read);
                        Assert.True(damaged.AsSpan().EndsWith(File.ReadAllBytes(path + ".torn")), "the bytes are not kept");
                        File.Delete(path + ".torn");
                        continue;
                    }
                    Assert.Equal(events, read);
                }
                catch (InvalidDataException exception)
                {
                    Assert.Contains($"{path} is damaged at byte ", exception.Message, StringComparison.Ordinal);
                    Assert.Equal(damaged, File.ReadAllBytes(path));
                }
                File.Delete(path + ".torn");
            }
        }
        Assert.Equal(mayLoseLast, cut > 0);
    }

    private List<SchedulerEvent> Replay(string path, byte[] whole)
    {
        File.WriteAllBytes(path, whole);
        return Replay();
    }

    private List<SchedulerEvent> Replay()
    {
        var read = new List<SchedulerEvent>();
        new JournalReplay(new JournalFiles(damagedDirectory.Path), read.Add, NullLogger.Instance).Run();
        return read;
    }

    private DirectoryJournal Open() => DirectoryJournal.Open(directory.Path, _ => { }, TimeProvider.System, NullLogger.Instance);

    public void Dispose()
    {
        directory.Dispose();
        damagedDirectory.Dispose();
    }
}
