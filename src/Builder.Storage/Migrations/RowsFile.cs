using System.Text.Json;
using Builder.Storage.Database;
using Builder.Storage.Troubles;

namespace Builder.Storage.Migrations;

/// <summary>
/// A file of a data directory that keeps rows while the database has no tables for them: a row a line. Signatures cannot be made again, so a
/// rollback must not lose them.
/// </summary>
/// <param name="name">Of the file; it begins with an underscore.</param>
/// <param name="what">What messages call the rows.</param>
/// <param name="tables">An id is the first column: it is given anew, so nothing may refer to it.</param>
/// <param name="blobs">Names of columns that hold bytes.</param>
/// <param name="isOrphan">Whether a row refers to what the older version removed meanwhile: it is left out on the way up.</param>
internal sealed class RowsFile(
    string name,
    string what,
    (string Table, string[] Columns)[] tables,
    string[] blobs,
    Func<MigrationContext, IReadOnlyList<SqlParameter>, Task<bool>>? isOrphan = null
)
{
    private const int MaxLine = 64 << 20;

    public async Task WriteAsync(MigrationContext context)
    {
        Delete(context);
        var partial = PathIn(context) + ".partial";
        context.Files.DeleteFile(partial);
        var count = 0L;
        await using (var file = context.Files.Create(partial))
        {
            foreach (var (table, columns) in tables)
            {
                var rows = context.Session.StreamAsync(
                    $"SELECT {Quoted(columns)} FROM {table} ORDER BY {Quoted(columns[..1])}",
                    row => columns.Select((_, column) => row.Value(column)).ToArray(),
                    context.CancellationToken
                );
                await foreach (var values in rows)
                {
                    await file.WriteAsync(Line(table, columns, values), context.CancellationToken);
                    count++;
                }
            }
            await context.Files.FlushAsync(file, context.CancellationToken);
        }
        if (count == 0)
        {
            context.Files.DeleteFile(partial);
            return;
        }
        context.Files.Move(partial, PathIn(context));
        context.Progress.Report($"{count} rows of {what} are kept in {PathIn(context)}");
    }

    public async Task ReadAsync(MigrationContext context)
    {
        if (!File.Exists(PathIn(context)))
            return;
        await foreach (var line in File.ReadLinesAsync(PathIn(context), context.CancellationToken))
        {
            if (line.Length > MaxLine)
                throw new SchemaException($"{PathIn(context)} has a line of {line.Length} characters: it is damaged");
            try
            {
                using var row = JsonDocument.Parse(line);
                await InsertAsync(context, row.RootElement);
            }
            catch (Exception exception)
                when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new SchemaException($"{PathIn(context)} cannot be read: {exception.Message}", exception);
            }
        }
    }

    public void Delete(MigrationContext context)
    {
        if (File.Exists(PathIn(context)))
            context.Files.DeleteFile(PathIn(context));
    }

    private string PathIn(MigrationContext context) => Path.Combine(context.Directory.Root, name);

    private static byte[] Line(string table, string[] columns, object?[] values)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("table", table);
            foreach (var (column, value) in columns.Zip(values))
            {
                switch (value)
                {
                    case null:
                        json.WriteNull(column);
                        break;
                    case byte[] bytes:
                        json.WriteBase64String(column, bytes);
                        break;
                    case long number:
                        json.WriteNumber(column, number);
                        break;
                    default:
                        json.WriteString(column, (string)value);
                        break;
                }
            }
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private async Task InsertAsync(MigrationContext context, JsonElement row)
    {
        var known = row.GetProperty("table").GetString();
        var (table, columns) = tables.First(one => one.Table == known);
        var kept = columns[0] == "id" ? columns[1..] : columns;
        var parameters = kept.Select(column => new SqlParameter("@" + column, Value(column, row.GetProperty(column)))).ToArray();
        if (isOrphan is not null && await isOrphan(context, parameters))
            return;
        await context.Session.ExecuteAsync(
            $"INSERT INTO {table} ({Quoted(kept)}) VALUES ({string.Join(", ", kept.Select(column => "@" + column))})",
            context.CancellationToken,
            parameters
        );
    }

    private static string Quoted(string[] columns) => string.Join(", ", columns.Select(column => $"\"{column}\""));

    private object? Value(string column, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Number => value.GetInt64(),
            _ when blobs.Contains(column) => value.GetBytesFromBase64(),
            _ => value.GetString(),
        };
}
