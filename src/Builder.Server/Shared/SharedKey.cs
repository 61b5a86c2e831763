using Builder.Proof.Keys;
using Builder.Server.Options;
using Builder.Server.Records;
using Npgsql;

namespace Builder.Server.Shared;

/// <summary>The key that signs records of builds, in the database of the state, so that all its servers sign with one key.</summary>
internal static class SharedKey
{
    private const string Name = "record";

    /// <summary>The key in the database; where there is none, this server's own comes there.</summary>
    /// <exception cref="IOException">The key cannot be read, or its public part not be written to the directory.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public static async Task<SigningKey> OpenAsync(ServerLease lease, ServerDirectory directory, CancellationToken cancellationToken)
    {
        if (await FindAsync(lease, cancellationToken) is not { } pem)
        {
            using (ServerKey.Open(directory))
            {
                // It is made where it is absent.
            }
            await using var put = lease.Source.CreateCommand(
                """
                INSERT INTO server_key (name, pem)
                SELECT $1, $2
                FROM server_lease
                WHERE id = 1 AND epoch = $3
                ON CONFLICT DO NOTHING
                """
            );
            put.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
            put.Parameters.Add(
                new NpgsqlParameter<string> { TypedValue = await File.ReadAllTextAsync(directory.RecordKey, cancellationToken) }
            );
            put.Parameters.Add(new NpgsqlParameter<long> { TypedValue = lease.Epoch });
            await put.ExecuteNonQueryAsync(cancellationToken);
            pem = await FindAsync(lease, cancellationToken) ?? throw new State.LeaseLostException("another server has taken over");
        }
        return ServerKey.Take(directory, pem, "the table server_key");
    }

    internal static async Task<string?> FindAsync(ServerLease lease, CancellationToken cancellationToken)
    {
        await using var find = lease.Source.CreateCommand("SELECT pem FROM server_key WHERE name = $1");
        find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
        return await find.ExecuteScalarAsync(cancellationToken) as string;
    }
}
