using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Storage.Packing;

/// <summary>
/// Makes contents from their packed forms, in memory: two contents and one packed form at a time, each of <see cref="NativeBytes.MaxLength"/> bytes at most. What it gives
/// out has the right SHA-256, whatever the tables say and whatever is stored.
/// </summary>
/// <param name="stored">Holds packed forms and whole contents alike, by their own hash.</param>
public sealed class ContentRebuilder(BuilderDatabase database, IArtifactStore stored)
{
    /// <summary>Rows can change while one is followed, when another process packs or unpacks.</summary>
    private const int MaxAttempts = 3;

    private bool hasTable;

    /// <summary>The content; null where no packed form of it is known.</summary>
    /// <exception cref="BrokenPackingException">The packed form, or what it is made from, is missing or damaged.</exception>
    public async Task<NativeBytes?> RebuildAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await FindAsync(digest, cancellationToken) is not { Object: not null } content)
                return null;
            try
            {
                return await RebuildAsync(content, cancellationToken);
            }
            catch (BrokenPackingException)
            {
                // Another process may have packed it anew.
                if (attempt == MaxAttempts || await FindAsync(digest, cancellationToken) == content)
                    throw;
            }
        }
    }

    /// <summary>The content, from itself or from its packed form.</summary>
    /// <exception cref="BrokenPackingException">It is not there, or cannot be made.</exception>
    internal async Task<NativeBytes> ReadAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        await ReadStoredAsync(digest, digest, cancellationToken)
        ?? await RebuildAsync(digest, cancellationToken)
        ?? throw new BrokenPackingException(digest, "it is missing");

    /// <summary>Makes it from its packed form even where it is there itself.</summary>
    internal async Task<NativeBytes> RebuildAsync(PackedContent content, CancellationToken cancellationToken)
    {
        var chain = new Stack<PackedContent>();
        NativeBytes? made = null;
        try
        {
            for (var next = content; ; )
            {
                chain.Push(next);
                if (next.Base is not { } before)
                    break;
                if (chain.Count > PackedContent.MaxDepth)
                    throw new BrokenPackingException(content.Digest, $"more than {PackedContent.MaxDepth} patches lead to it");
                made = await ReadStoredAsync(before, before, cancellationToken);
                if (made is not null)
                    break;
                next = await FindAsync(before, cancellationToken) is { Object: not null } known
                    ? known
                    : throw new BrokenPackingException(
                        before,
                        $"the content with SHA-256 {before}, which its patch is made from, is missing"
                    );
            }
            while (chain.TryPop(out var next))
            {
                var unpacked = await ApplyAsync(next, made, cancellationToken);
                made?.Dispose();
                made = unpacked;
            }
            // The parts in between need no hash of their own: each frame has a checksum, and a wrong part makes a wrong whole.
            if (Sha256Digest.Of(made!.Span) is var found && found != content.Digest)
                throw new BrokenPackingException(content.Digest, $"its packed form makes bytes with SHA-256 {found}");
            var result = made;
            made = null;
            return result;
        }
        finally
        {
            made?.Dispose();
        }
    }

    private async Task<NativeBytes> ApplyAsync(PackedContent content, NativeBytes? before, CancellationToken cancellationToken)
    {
        using var packed =
            await ReadStoredAsync(content.Object!.Value, content.Digest, cancellationToken)
            ?? throw new BrokenPackingException(content.Digest, $"its packed form with SHA-256 {content.Object} is missing");
        try
        {
            return before is null
                ? DeltaCodec.Unpack(packed, content.Size)
                : DeltaCodec.Apply(packed, before, content.Base!.Value, content.Size);
        }
        catch (InvalidDataException exception)
        {
            throw new BrokenPackingException(
                content.Digest,
                $"its packed form with SHA-256 {content.Object} is damaged: {exception.Message}"
            );
        }
    }

    /// <param name="of">The content that this is, or is the packed form of.</param>
    private async Task<NativeBytes?> ReadStoredAsync(Sha256Digest digest, Sha256Digest of, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = await stored.OpenAsync(digest, cancellationToken);
            if (file is null)
                return null;
            var bytes = new NativeBytes(file.Length);
            try
            {
                await bytes.ReadAsync(file.Stream, cancellationToken);
                return bytes;
            }
            catch
            {
                bytes.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is DamagedContentException or InvalidDataException or EndOfStreamException)
        {
            var what = digest == of ? $"the content with SHA-256 {digest}" : $"its packed form with SHA-256 {digest}";
            throw new BrokenPackingException(
                of,
                $"{what} is damaged: {(exception as DamagedContentException)?.Reason ?? exception.Message}"
            );
        }
    }

    private async Task<PackedContent?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        // The signer may open a database that no site of this version has opened yet.
        if (!Volatile.Read(ref hasTable))
        {
            if (!await PackingTable.ExistsAsync(session, cancellationToken))
                return null;
            Volatile.Write(ref hasTable, true);
        }
        return await PackedRows.FindAsync(session, digest, cancellationToken);
    }
}
