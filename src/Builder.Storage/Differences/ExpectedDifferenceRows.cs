using System.Buffers;
using System.Text;
using System.Text.Json;
using Builder.Analysis.Difference;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Differences;

/// <summary>The differences that the build server's schedule declares harmless, by job. Kept so that verdicts stay while the server is away.</summary>
public static class ExpectedDifferenceRows
{
    /// <summary>Jobs without any are missing.</summary>
    public static async Task<IReadOnlyDictionary<JobId, IReadOnlyList<ExpectedDifference>>> OfJobsAsync(
        DatabaseSession session,
        IEnumerable<JobId> jobs,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<JobId, IReadOnlyList<ExpectedDifference>>();
        foreach (var piece in SqlValues.Pieces(jobs.Distinct(), none: -1L))
        {
            var rows = await session.QueryAsync(
                $"""
                SELECT job.id, job_policy.expected
                FROM job
                JOIN job_policy ON job_policy.job = job.name
                WHERE job.id IN ({SqlValues.List})
                """,
                static row => (Job: row.JobId(0), Expected: Read(row.Text(1))),
                cancellationToken,
                piece
            );
            foreach (var (job, expected) in rows)
                found[job] = expected;
        }
        return found;
    }

    /// <summary>Takes the schedule's word for all jobs. Writes nothing, and so changes no page, where all is known already.</summary>
    /// <returns>True where something changed.</returns>
    public static async Task<bool> ReplaceAsync(
        BuilderDatabase database,
        IReadOnlyDictionary<string, IReadOnlyList<ExpectedDifference>> expected,
        CancellationToken cancellationToken
    )
    {
        var wanted = expected.ToDictionary(static job => job.Key, static job => Write(job.Value), StringComparer.Ordinal);
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            var known = (
                await session.QueryAsync(
                    "SELECT job, expected FROM job_policy",
                    static row => (Job: row.Text(0), Expected: row.Text(1)),
                    cancellationToken
                )
            ).ToDictionary(static row => row.Job, static row => row.Expected, StringComparer.Ordinal);
            if (known.Count == wanted.Count && wanted.All(job => known.GetValueOrDefault(job.Key) == job.Value))
                return false;
        }
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM job_policy", cancellationToken);
                foreach (var (job, text) in wanted)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO job_policy (job, expected) VALUES (@job, @expected)",
                        cancellationToken,
                        ("@job", job),
                        ("@expected", text)
                    );
                }
                return true;
            },
            cancellationToken
        );
        return true;
    }

    private static string Write(IReadOnlyList<ExpectedDifference> expected)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var one in expected)
            {
                json.WriteStartArray();
                json.WriteStringValue(CauseNames.NameOf(one.Cause));
                json.WriteStringValue(one.Path);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static List<ExpectedDifference> Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        var read = new List<ExpectedDifference>();
        foreach (var entry in json.RootElement.EnumerateArray())
        {
            // A cause of a later version says nothing to this one: the difference then counts.
            if (ExpectedDifference.TryCreate(entry[0].GetString() ?? "", entry[1].GetString() ?? "", out var expected, out _))
                read.Add(expected);
        }
        return read;
    }
}
