using System.Data.Common;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Values;
using Npgsql;

namespace Builder.Storage.Database;

/// <summary>A row of an answer while it is being read. Columns are numbered as in the SELECT.</summary>
public readonly struct Row
{
    private readonly DbDataReader reader;

    internal Row(DbDataReader reader) => this.reader = reader;

    /// <summary>As the driver gives it; for copying.</summary>
    internal object? Value(int column) => reader.IsDBNull(column) ? null : reader.GetValue(column);

    public bool IsNull(int column) => reader.IsDBNull(column);

    /// <summary>Any whole number: PostgreSQL has several types of them, literals and sums among the narrower and wider ones.</summary>
    public long Integer(int column) => reader is NpgsqlDataReader ? IntegerOfPostgreSql(column) : reader.GetInt64(column);

    public long? IntegerOrNull(int column) => reader.IsDBNull(column) ? null : Integer(column);

    public bool Boolean(int column) => reader.GetBoolean(column);

    public string Text(int column) => reader.GetString(column);

    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>Text that may have been any bytes: see <see cref="StoredText"/>.</summary>
    public ByteString Bytes(int column) => StoredText.ToBytes(reader.GetString(column));

    public byte[] Blob(int column) => reader.GetFieldValue<byte[]>(column);

    public byte[]? BlobOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    public Sha256Digest Digest(int column) => Sha256Digest.FromBytes(reader.GetFieldValue<byte[]>(column));

    public Sha256Digest? DigestOrNull(int column) => reader.IsDBNull(column) ? null : Digest(column);

    public BuildUuid Uuid(int column) => BuildUuid.Parse(reader.GetString(column));

    public JobId JobId(int column) => new(reader.GetInt64(column));

    public BuildId BuildId(int column) => new(reader.GetInt64(column));

    public UserId UserId(int column) => new(reader.GetInt64(column));

    public ArtifactId ArtifactId(int column) => new(reader.GetInt64(column));

    /// <summary>Two columns: the days, then the picoseconds within the day.</summary>
    public Timestamp Timestamp(int column) => Protocol.Values.Timestamp.FromDays(reader.GetInt64(column), reader.GetInt64(column + 1));

    /// <summary>The columns of <see cref="StoredResult"/>, starting here.</summary>
    public ExecutionResult Result(int column) =>
        StoredResult.FromColumns(Integer(column), IntegerOrNull(column + 1), TextOrNull(column + 2));

    private long IntegerOfPostgreSql(int column)
    {
        var type = reader.GetFieldType(column);
        if (type == typeof(int))
            return reader.GetInt32(column);
        return type == typeof(decimal) ? (long)reader.GetDecimal(column) : reader.GetInt64(column);
    }
}
