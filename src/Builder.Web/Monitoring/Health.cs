using System.Data.Common;
using System.Security.Cryptography;
using Builder.Posix;
using Builder.Storage;

namespace Builder.Web.Monitoring;

/// <summary>Whether the site can do its work: ask its tables, and take something in.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A balancer asks again.</summary>
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(3);

    private static readonly byte[] Probe = new byte[4096];

    /// <returns>What is wrong, a line each, or null.</returns>
    public static async Task<string?> TroubleAsync(BuilderStorage storage, SiteTroubles troubles, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience); // real time, whatever the site takes for now
        try
        {
            await storage.Database.ProbeAsync(patience.Token);
            await WriteAsync(storage.Directory.Staging, patience.Token);
            if (storage.Bucket is { } bucket)
                await bucket.CheckAsync(patience.Token);
            await troubles.ReviewAsync(patience.Token);
            return troubles.Present is { Count: > 0 } present ? string.Join('\n', present) : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer from the database, the disk or the object store within {Patience.TotalSeconds} s";
        }
        catch (Exception exception) when (troubles.Note(exception) is { } trouble)
        {
            return string.Join('\n', troubles.Present.Prepend(trouble.Explanation).Distinct());
        }
        catch (DbException exception)
        {
            return $"the database does not answer: {exception.Message}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"nothing can be written to {storage.Directory.Staging}: {exception.Message}";
        }
    }

    /// <summary>Whether requests may come: the database answers, and its tables are of this program's version.</summary>
    /// <returns>Why not; null where they may.</returns>
    public static async Task<string?> WhyNotReadyAsync(BuilderStorage storage, SiteTroubles troubles, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ReadyPatience);
        try
        {
            await storage.Database.RequireNewestAsync(patience.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer from the database within {ReadyPatience.TotalSeconds} s";
        }
        catch (Exception exception) when (troubles.Note(exception) is { } trouble)
        {
            return trouble.Explanation;
        }
        catch (DbException exception)
        {
            return $"the database does not answer: {exception.Message}";
        }
    }

    /// <summary>A file where uploads begin; one that a crash leaves there goes with what else is found there at the next start.</summary>
    public static async Task WriteAsync(string directory, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateDirectory(directory);
        var path = Path.Combine(directory, $"health-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        await using var file = PrivateFiles.Open(
            path,
            FileMode.CreateNew,
            bufferSize: 0,
            options: FileOptions.Asynchronous | FileOptions.DeleteOnClose
        );
        await file.WriteAsync(Probe, cancellationToken);
    }
}
