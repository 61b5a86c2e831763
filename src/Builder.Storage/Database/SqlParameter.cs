namespace Builder.Storage.Database;

/// <summary>
/// A named value of a query, written as a tuple: <c>("@job", jobId)</c>. Ids, digests, uuids and names bind as what the tables keep.
/// </summary>
public readonly record struct SqlParameter(string Name, object? Value)
{
    public static implicit operator SqlParameter((string Name, object? Value) pair) => new(pair.Name, pair.Value);
}
