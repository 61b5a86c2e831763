using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Web.Options;

namespace Builder.Web.TransparencyLog;

/// <summary>The log of this site, read from its public files: the web role neither has its key nor writes it.</summary>
internal sealed class SiteLog(WebOptions options)
{
    public const string DefaultName = "_tlog";

    public PublishedLog Published { get; } = new(options.LogDirectory ?? Path.Combine(options.DataDirectory, DefaultName));

    /// <summary>Null where there is no log, or its files are damaged: then nothing of it is served.</summary>
    public SignedCheckpoint? Checkpoint()
    {
        try
        {
            return Published.Checkpoint();
        }
        catch (InvalidLogDataException)
        {
            return null;
        }
    }

    public NoteKey? Key()
    {
        try
        {
            return Published.Files.ReadKey();
        }
        catch (InvalidLogDataException)
        {
            return null;
        }
    }

    /// <summary>Only what the published checkpoint covers: what comes after it is not the log's word yet.</summary>
    public byte[]? Tile(TileAddress address) =>
        Checkpoint() is { } signed
        && TileAddress.InTree(address.Level, address.Index, signed.Size) is { } there
        && there.Width >= address.Width
            ? Published.Files.ReadTile(address)
            : null;
}
