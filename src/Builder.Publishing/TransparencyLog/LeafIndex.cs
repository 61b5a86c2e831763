using System.Buffers.Binary;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Proof.Log;
using Microsoft.Data.Sqlite;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// Where a leaf stands, by its hash, so that none is added twice. It follows from the tiles and is made again from them where it is missing or behind: 16
/// bytes a leaf, the beginning of the hash and the place; which of several candidates it is the tiles say.
/// </summary>
internal sealed class LeafIndex : IDisposable
{
    private readonly SqliteConnection connection;

    private LeafIndex(SqliteConnection connection) => this.connection = connection;

    /// <summary>How many leaves of the log are in it.</summary>
    public long Size { get; private set; }

    public static LeafIndex Open(string path)
    {
        try
        {
            return OpenOrCreate(path);
        }
        catch (SqliteException)
        {
            // Damaged, as after a power failure: nothing is in it that the tiles do not have.
            foreach (var file in (string[])[path, $"{path}-wal", $"{path}-shm"])
                File.Delete(file);
            return OpenOrCreate(path);
        }
    }

    /// <summary>Places of leaves whose hashes begin as this one.</summary>
    public IEnumerable<long> Candidates(Sha256Digest leafHash)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT place FROM leaf WHERE start = $start";
        command.Parameters.AddWithValue("$start", Start(leafHash));
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return reader.GetInt64(0);
    }

    /// <summary>The next leaves of the log.</summary>
    public void Add(IReadOnlyList<Sha256Digest> leafHashes)
    {
        using var transaction = connection.BeginTransaction();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT OR IGNORE INTO leaf (start, place) VALUES ($start, $place)";
        var start = insert.Parameters.Add("$start", SqliteType.Integer);
        var place = insert.Parameters.Add("$place", SqliteType.Integer);
        for (var i = 0; i < leafHashes.Count; i++)
        {
            start.Value = Start(leafHashes[i]);
            place.Value = Size + i;
            insert.ExecuteNonQuery();
        }
        using var size = connection.CreateCommand();
        size.CommandText = "UPDATE size SET leaves = $leaves";
        size.Parameters.AddWithValue("$leaves", Size + leafHashes.Count);
        size.ExecuteNonQuery();
        transaction.Commit();
        Size += leafHashes.Count;
    }

    /// <summary>Adds what the log has and the index has not.</summary>
    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public void CatchUp(LogFiles files, long size)
    {
        if (Size > size)
            Clear();
        while (Size < size)
        {
            var index = Size / TileAddress.FullWidth;
            var tile = TileAddress.InTree(0, index, size)!.Value;
            var bytes = files.ReadTile(tile) ?? throw new InvalidLogDataException($"the tile {tile} is missing");
            Add(HashTile.Read(bytes, tile.Width)[(int)(Size % TileAddress.FullWidth)..]);
        }
    }

    public void Dispose() => connection.Dispose();

    private void Clear()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM leaf; UPDATE size SET leaves = 0";
        command.ExecuteNonQuery();
        Size = 0;
    }

    private static LeafIndex OpenOrCreate(string path)
    {
        PrivateFiles.CreateIfMissing(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = NORMAL;
                PRAGMA cache_size = -32768;
                PRAGMA wal_autocheckpoint = 8192;
                CREATE TABLE IF NOT EXISTS leaf (start INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (start, place)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS size (leaves INTEGER NOT NULL);
                INSERT INTO size SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM size);
                """;
            command.ExecuteNonQuery();
            command.CommandText = "SELECT leaves FROM size";
            return new LeafIndex(connection) { Size = (long)command.ExecuteScalar()! };
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static long Start(Sha256Digest hash)
    {
        Span<byte> bytes = stackalloc byte[Sha256Digest.SizeInBytes];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
