using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Repetitions;

/// <summary>A job that was reproducible on a platform and is not any more.</summary>
/// <param name="Id">Later ones have higher numbers.</param>
/// <param name="Good">The last build that was reproduced.</param>
/// <param name="Bad">The build that is not reproducible.</param>
/// <param name="Found">When the build that shows it finished.</param>
public sealed record StoredRegression(long Id, JobId Job, string Platform, BuildUuid Good, BuildUuid Bad, Timestamp Found)
{
    internal static StoredRegression Read(Row row) =>
        new(row.Integer(0), row.JobId(1), row.Text(2), row.Uuid(3), row.Uuid(4), row.Timestamp(5));
}
