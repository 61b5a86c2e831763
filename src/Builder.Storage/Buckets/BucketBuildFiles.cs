using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Builder.Objects.Transfer;
using Builder.Protocol.Values;
using Builder.Storage.Files;

namespace Builder.Storage.Buckets;

/// <summary>Files of builds in a bucket. Each has its SHA-256 with it, which is checked when it is fetched.</summary>
internal sealed class BucketBuildFiles(ObjectClient client, DataDirectory directory, LocalCopies copies, DurableFiles durable) : IBuildFiles
{
    /// <summary>Longer files are sent before the transaction, and moved within the bucket in it.</summary>
    private const long MaxInTransaction = 1 << 20;

    private const int Attempts = 3;

    public async ValueTask<FileStream?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        _ = directory.Resolve(path);
        return await copies.OpenAsync(
            BucketKeys.Builds + path,
            (file, cancellation) => FetchAsync(client, BucketKeys.Builds + path, file, cancellation),
            cancellationToken
        );
    }

    public async IAsyncEnumerable<(string Name, long Length)> ListAsync(
        string folder,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var prefix = $"{BucketKeys.Builds}{folder}/";
        await foreach (var one in client.ListAsync(prefix, cancellationToken))
            yield return (one.Key[prefix.Length..], one.Length);
    }

    public async ValueTask PrepareAsync(string stagedFolder, string upload, CancellationToken cancellationToken)
    {
        foreach (var (name, path) in FilesOf(stagedFolder).Where(static file => IsLong(file.Path)))
            await PutAsync($"{BucketKeys.Uploads}{upload}/{name}", path, cancellationToken);
    }

    public async ValueTask PublishAsync(
        string stagedFolder,
        string upload,
        JobName job,
        BuildUuid build,
        CancellationToken cancellationToken
    )
    {
        var folder = $"{BucketKeys.Builds}{job}/{build}/";
        var files = FilesOf(stagedFolder).ToList();
        var leftOver = new List<string>();
        await foreach (var old in client.ListAsync(folder, cancellationToken))
            leftOver.Add(old.Key);
        foreach (var key in leftOver.Except(files.Select(file => folder + file.Name)))
            await client.DeleteAsync(key, cancellationToken);
        copies.ForgetFolder(folder);
        await Parallel.ForEachAsync(
            files,
            cancellationToken,
            async (file, cancellation) =>
            {
                durable.Step($"put {folder}{file.Name}");
                if (
                    !IsLong(file.Path)
                    || !await client.CopyAsync($"{BucketKeys.Uploads}{upload}/{file.Name}", folder + file.Name, cancellation)
                )
                    await PutAsync(folder + file.Name, file.Path, cancellation);
            }
        );
    }

    public ValueTask DiscardAsync(string upload, CancellationToken cancellationToken) =>
        DeleteAsync($"{BucketKeys.Uploads}{upload}/", cancellationToken);

    public ValueTask RemoveAsync(string folder, CancellationToken cancellationToken)
    {
        _ = directory.Resolve(folder);
        copies.ForgetFolder(BucketKeys.Builds + folder);
        return DeleteAsync($"{BucketKeys.Builds}{folder}/", cancellationToken);
    }

    /// <summary>Downloads an object, again where the connection breaks, and compares it with the hash it was stored with.</summary>
    /// <returns>False where there is no such object.</returns>
    /// <exception cref="DamagedObjectException">Its bytes have another hash.</exception>
    public static async Task<bool> FetchAsync(ObjectClient client, string key, Stream target, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var download = await client.GetAsync(key, cancellationToken);
                if (download is null)
                    return false;
                target.SetLength(0);
                target.Position = 0;
                var found = await CopyAsync(download.Content, target, cancellationToken);
                await target.FlushAsync(cancellationToken);
                return download.Info.Sha256 is { } stored && stored != found
                    ? throw new DamagedObjectException(key, $"its {download.Length} bytes have SHA-256 {found}, not {stored}")
                    : true;
            }
            catch (ObjectStoreException) when (attempt < Attempts)
            {
                // It broke in the middle; opening it again has its own pauses.
            }
        }
    }

    internal static IEnumerable<(string Name, string Path)> FilesOf(string folder) =>
        Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path).Replace('\\', '/'), path));

    private static bool IsLong(string path) => new FileInfo(path).Length > MaxInTransaction;

    private static async Task<string> CopyAsync(Stream source, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            while (await source.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task PutAsync(string key, string path, CancellationToken cancellationToken)
    {
        string hash;
        await using (var file = File.OpenRead(path))
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        await client.PutFileAsync(key, path, hash, replaces: true, cancellationToken);
    }

    private async ValueTask DeleteAsync(string prefix, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var one in client.ListAsync(prefix, cancellationToken))
            keys.Add(one.Key);
        foreach (var key in keys)
        {
            durable.Step($"delete {key}");
            await client.DeleteAsync(key, cancellationToken);
        }
    }
}
