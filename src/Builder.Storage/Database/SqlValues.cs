namespace Builder.Storage.Database;

/// <summary>
/// Several values as parameters of one query. They go in pieces of one length, so that there is one text to prepare however many there are; what is left
/// over in the last piece holds a value that no row has.
/// </summary>
public static class SqlValues
{
    /// <summary>Parameters of a piece.</summary>
    public const int Length = 64;

    private static readonly string[] Names = [.. Enumerable.Range(0, Length).Select(number => $"@value{number}")];

    /// <summary>For <c>IN (…)</c>.</summary>
    public static string List { get; } = string.Join(", ", Names);

    /// <summary>Rows of one column, for <c>VALUES</c>.</summary>
    public static string Rows { get; } = string.Join(", ", Names.Select(name => $"({name})"));

    /// <summary>The parameters of each query that is to be asked, those that all have first.</summary>
    /// <param name="none">A value of the same type that no row has.</param>
    public static IEnumerable<SqlParameter[]> Pieces<T>(IEnumerable<T> values, object none, params SqlParameter[] others) =>
        values
            .Chunk(Length)
            .Select(piece =>
            {
                var parameters = new SqlParameter[others.Length + Length];
                others.CopyTo(parameters, 0);
                for (var number = 0; number < Length; number++)
                    parameters[others.Length + number] = new SqlParameter(Names[number], number < piece.Length ? piece[number] : none);
                return parameters;
            });
}
