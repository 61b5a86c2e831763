using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Records;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Records;

/// <summary>Signs what this server knows of a build whose bytes it received from the worker itself.</summary>
internal sealed class RecordMaker(SigningKey key)
{
    /// <summary>Longest name of a worker in a record, in characters: records go in an HTTP header.</summary>
    private const int MaxWorkerName = 100;

    /// <returns>The signed envelope, as JSON.</returns>
    public byte[] Make(Lease lease, Timestamp finished, Sha256Digest exec, long execSize, ArtifactListDigest artifacts)
    {
        var count = artifacts.Count;
        return new BuildRecord
        {
            Uuid = lease.Uuid.ToString(),
            Job = lease.Name.Value,
            Platform = lease.Platform.Value,
            Script = Sha256Digest.Of(lease.Job.Script.Span),
            Worker = lease.Worker.Length <= MaxWorkerName ? lease.Worker : lease.Worker[..MaxWorkerName],
            Isolation = lease.Isolation?.Name,
            Root = lease.Isolation?.Root?.ToString(),
            Started = lease.Started.ToDateTimeOffset(),
            Finished = finished.ToDateTimeOffset(),
            Exec = exec,
            ExecSize = execSize,
            Artifacts = artifacts.End(),
            ArtifactCount = count,
        }
            .Sign(key)
            .ToJson();
    }
}
