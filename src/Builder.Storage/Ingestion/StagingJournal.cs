using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Files;

namespace Builder.Storage.Ingestion;

/// <summary>What an upload is about to move into place: written before the first move, read where it was cut off.</summary>
internal sealed record StagingJournal(JobName Job, BuildUuid Uuid, IReadOnlyList<Sha256Digest> Digests)
{
    private const string FileName = "journal";
    private const string End = "end";

    /// <summary>Under another name first: a journal that is there is complete.</summary>
    public static async Task WriteAsync(Staging staging, UploadedBuild build, DurableFiles files, CancellationToken cancellationToken)
    {
        var lines = build
            .Kept.Select(artifact => artifact.Digest.ToString())
            .Distinct()
            .Prepend(build.Uuid.ToString())
            .Prepend(build.Job.Value)
            .Append(End);
        var partial = staging[FileName + ".partial"];
        await using (var file = files.Create(partial))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), cancellationToken);
            await files.FlushAsync(file, cancellationToken);
        }
        files.Move(partial, staging[FileName]);
    }

    /// <summary>Null where nothing was moved yet.</summary>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public static async Task<StagingJournal?> ReadAsync(Staging staging, CancellationToken cancellationToken)
    {
        var path = staging[FileName];
        if (!File.Exists(path))
            return null;
        var lines = (await File.ReadAllTextAsync(path, cancellationToken)).Split('\n');
        if (
            lines.Length < 3
            || lines[^1] != End
            || !JobName.TryParse(lines[0], out var job, out _)
            || !BuildUuid.TryParse(lines[1], out var uuid)
        )
            throw new InvalidDataException(
                $"{path} is not a journal of an upload: move {staging.Path} out of the way and run \"builder db verify-data-dir\""
            );
        return new StagingJournal(job, uuid, [.. lines[2..^1].Select(Sha256Digest.Parse)]);
    }
}
