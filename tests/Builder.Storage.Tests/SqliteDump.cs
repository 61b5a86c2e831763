using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Builder.Storage.Tests;

/// <summary>The meaning of a SQLite database as lines: what is declared, what is in the tables, what ids come next.</summary>
internal static partial class SqliteDump
{
    public static IReadOnlyList<string> OfFile(string path)
    {
        using var connection = Open(path);
        return Of(connection);
    }

    /// <summary>A dump of the reference, run and dumped by us, so that both are written alike.</summary>
    public static IReadOnlyList<string> OfScript(string sql)
    {
        using var connection = new SqliteConnection("Data Source=:memory:;Pooling=false");
        connection.Open();
        Execute(connection, sql);
        return Of(connection);
    }

    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Integer(SqliteConnection connection, string sql) =>
        long.Parse(Rows(connection, sql).Single(), CultureInfo.InvariantCulture);

    public static List<string> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => Show(reader.GetValue(column)))));
        return rows;
    }

    private static List<string> Of(SqliteConnection connection)
    {
        var lines = Rows(connection, "SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
            .Select(Meaning)
            .ToList();
        foreach (var table in Rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        {
            var columns = Rows(connection, $"SELECT name FROM pragma_table_info('{table}') ORDER BY name")
                .Select(column => $"typeof(\"{column}\"), hex(\"{column}\")");
            lines.AddRange(Rows(connection, $"SELECT '{table}', {string.Join(", ", columns)} FROM \"{table}\" ORDER BY 2, 3, 4, 5"));
        }
        return lines;
    }

    /// <summary>Comments, quotes and spaces of a declaration mean nothing.</summary>
    private static string Meaning(string declaration) =>
        Spaces()
            .Replace(Comments().Replace(declaration, ""), " ")
            .Replace("\"", "", StringComparison.Ordinal)
            .Replace(" ,", ",", StringComparison.Ordinal)
            .Replace("( ", "(", StringComparison.Ordinal)
            .Replace(" )", ")", StringComparison.Ordinal);

    private static string Show(object value) =>
        value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    [GeneratedRegex("--[^\n]*")]
    private static partial Regex Comments();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}
