using Builder.Storage.Database;
using Builder.Storage.Search;

namespace Builder.Storage.Tests.Search;

/// <summary>The index of terms against a plain list of documents, on both engines.</summary>
public sealed class TermIndexTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Finds_the_documents_that_hold_all_terms_in_segments_and_in_the_tail_the_newest_first(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await OpenAsync(folder);
        var index = new TermIndex(database, TermKind.Console, documentsPerSegment: 16, maxSize: 1 << 20);
        var random = new Random(1);
        var documents = new List<HashSet<ulong>>();
        for (var number = 0; number < 90; number++)
            documents.Add([.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => (ulong)random.Next(0, 600))]);
        // Terms of the greatest size, one that all documents have, and a document that may hold anything.
        documents[3].Add(TermSet.Anything - 1);
        foreach (var document in documents)
            document.Add(1000);
        documents[7] = [TermSet.Anything];
        foreach (var piece in documents.Index().Chunk(13))
            await index.AddAsync(
                [.. piece.Select(one => ((long)one.Index + 1, (byte[]?)TermSet.Pack([.. one.Item.Order()])))],
                piece[^1].Index + 1,
                more: null,
                Stop
            );

        await using var session = await database.OpenReadAsync(Stop);
        foreach (
            var wanted in (ulong[][])
                [
                    [1000],
                    [5],
                    [17, 599],
                    [5, 17, 100, 1000],
                    [TermSet.Anything - 1],
                    [2000],
                    [.. Enumerable.Range(0, 80).Select(n => (ulong)n)],
                ]
        )
        {
            var expected = documents
                .Index()
                .Where(one => one.Item.Contains(TermSet.Anything) || Array.TrueForAll(wanted, one.Item.Contains))
                .Select(one => (long)one.Index)
                .Reverse();
            Assert.Equal(expected, await FindAsync(index, session, wanted));
        }
        Assert.Equal(90, (await index.SizeAsync(session, Stop)).Documents);
        Assert.Equal(10, await session.IntegerAsync("SELECT COUNT(*) FROM search_tail", Stop));
        Assert.Equal(90, (await index.SubjectsAsync(session, Enumerable.Range(0, 90).Select(n => (long)n), Stop)).Values.Max());
    }

    [Fact]
    public async Task Above_its_size_the_oldest_segments_go_and_the_newest_stays()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await OpenAsync(folder);
        var index = new TermIndex(database, TermKind.Symbols, documentsPerSegment: 4, maxSize: 1);
        for (var subject = 1; subject <= 14; subject++)
            await index.AddAsync([(subject, TermSet.Pack([7, (ulong)(100 + subject)]))], subject, more: null, Stop);

        await using var session = await database.OpenReadAsync(Stop);
        Assert.Equal([13, 12, 11, 10, 9, 8], await FindAsync(index, session, [7]));
        Assert.Empty(await FindAsync(index, session, [101]));
        Assert.Equal(6, await session.IntegerAsync("SELECT COUNT(*) FROM search_document", Stop));
        Assert.Equal(1, await session.IntegerAsync("SELECT COUNT(DISTINCT segment) FROM search_block", Stop));
    }

    [Fact]
    public async Task What_another_process_entered_meanwhile_is_not_entered_again()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await OpenAsync(folder);
        var (index, other) = (new TermIndex(database, TermKind.Console, 4, 1 << 20), new TermIndex(database, TermKind.Console, 4, 1 << 20));
        var documents = Enumerable.Range(1, 6).Select(subject => ((long)subject, (byte[]?)TermSet.Pack([7]))).ToList();

        await other.AddAsync(documents[..4], 4, more: null, Stop);
        await index.AddAsync(documents, 6, more: null, Stop);
        await other.AddAsync(documents, 6, more: null, Stop);

        await using var session = await database.OpenReadAsync(Stop);
        Assert.Equal(6, (await index.SizeAsync(session, Stop)).Documents);
        Assert.Equal([5, 4, 3, 2, 1, 0], await FindAsync(index, session, [7]));
    }

    [Fact]
    public void A_damaged_block_is_an_error_and_no_answer()
    {
        var block = TermSegment
            .Build([TermSet.Pack([1, 2, 3]), TermSet.Pack([2])])
            .First(block => block.Bucket == TermSegment.BucketOf(2))
            .Data;
        Assert.ThrowsAny<InvalidDataException>(() => Packed.Unpack([.. block.Select(static part => (byte)~part)]));
        Assert.Throws<InvalidDataException>(() => TermSegment.Find([0x80], 2, 2));
        Assert.Throws<InvalidDataException>(() => TermSegment.Find([2, 1], 2, 300));
    }

    private static async Task<BuilderDatabase> OpenAsync(DataFolder folder)
    {
        var database = await folder.OpenAsync();
        await SearchTables.EnsureAsync(database, Stop);
        return database;
    }

    private static async Task<List<long>> FindAsync(TermIndex index, DatabaseSession session, ulong[] wanted)
    {
        var found = new List<long>();
        await foreach (var numbers in index.FindAsync(session, wanted, Stop))
            found.AddRange(numbers);
        return found;
    }
}
