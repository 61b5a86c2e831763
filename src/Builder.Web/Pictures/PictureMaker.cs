using System.Text;
using Builder.Storage.Artifacts;
using Builder.Web.Http;
using Builder.Web.Monitoring;

namespace Builder.Web.Pictures;

/// <summary>Has a picture drawn, or takes it from the cache.</summary>
internal sealed class PictureMaker(IArtifactStore store, PictureFiles files, ExpensiveWork expensive, SiteTroubles troubles)
{
    /// <summary>For somebody who waits. An older drawing's picture will do, said by <see cref="Picture.IsOld"/>.</summary>
    public async Task<Picture> MakeAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        if (!order.IsKept)
        {
            using var ownTurn = await expensive.EnterAsync(cancellationToken);
            return ownTurn.IsGranted ? await DrawAsync(order, isKept: false, cancellationToken) : Picture.Busy;
        }
        var known = await files.ReadAsync(order.Kind, order.Version, order.Source.Hash, cancellationToken);
        if (known is not null && known.AsSpan().EndsWith(order.Mark))
            return new Picture(known, null);
        if (known is null && await files.ReadOlderAsync(order.Kind, order.Version, order.Source.Hash, cancellationToken) is { } older)
            return new Picture(older, null) { IsOld = true };
        using var turn = await expensive.EnterAsync(cancellationToken);
        return turn.IsGranted ? await DrawAsync(order, isKept: known is null, cancellationToken) : Picture.Busy;
    }

    public bool IsThere(PictureOrder order) => files.Exists(order.Kind, order.Version, order.Source.Hash);

    /// <summary>For later: it lets everybody who waits go first. False where there is nothing to draw, for the reason given.</summary>
    public async Task<(bool IsThere, string? Reason)> PrepareAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        if (IsThere(order))
            return (true, null);
        using var turn = await expensive.EnterLastAsync(cancellationToken);
        var picture = await DrawAsync(order, isKept: true, cancellationToken);
        return (picture.Page is not null, picture.Reason);
    }

    /// <param name="isKept">False where another build's picture of the same source has the place.</param>
    private async Task<Picture> DrawAsync(PictureOrder order, bool isKept, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenAsync(order.Source.Hash, cancellationToken);
        if (content is null)
            return Picture.None($"{order.Source.Path} is no longer there.");
        var (page, reason) = await expensive.RunAsync(() => Task.FromResult(order.Draw(content.Stream)));
        if (page is null)
            return Picture.None($"There is nothing to draw: {reason}");
        byte[] drawn = [.. Encoding.UTF8.GetBytes(page), .. order.Mark];
        if (isKept)
        {
            try
            {
                await files.WriteAsync(order.Kind, order.Version, order.Source.Hash, drawn, cancellationToken);
            }
            catch (Exception exception) when (troubles.Note(exception) is not null)
            {
                // Whoever waits gets the picture; it is drawn again for the next one.
            }
        }
        return new Picture(drawn, null);
    }
}

/// <param name="Page">HTML; null where there is none.</param>
/// <param name="Reason">Why there is none.</param>
internal sealed record Picture(byte[]? Page, string? Reason)
{
    public static Picture Busy { get; } = new(null, null);

    /// <summary>Drawn by an earlier version: good enough until the new one is there.</summary>
    public bool IsOld { get; init; }

    public static Picture None(string reason) => new(null, reason);
}
