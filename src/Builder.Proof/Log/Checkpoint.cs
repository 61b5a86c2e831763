using System.Globalization;
using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>How large a log is and what its root is (C2SP tlog-checkpoint): with that, nothing in it can change unnoticed.</summary>
/// <param name="Origin">Which log; here the host name of the site.</param>
public sealed record Checkpoint(string Origin, long Size, Sha256Digest Root)
{
    /// <summary>The most leaves that are believed: all that tiles can address safely.</summary>
    public const long MaxSize = 1L << 48;

    /// <summary>The text that is signed.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.ToByteArray())}\n");

    /// <param name="text">Of a note. Lines after the third are for others and are left out.</param>
    /// <exception cref="InvalidLogDataException">Not a checkpoint.</exception>
    public static Checkpoint Parse(string text)
    {
        if (text.Split('\n') is not [var origin, var size, var root, .., ""] || !NoteSignature.IsName(origin))
            throw new InvalidLogDataException("not a checkpoint: it has three lines, the log's name, its size and its root");
        if (!TryParseSize(size, out var leaves))
            throw new InvalidLogDataException($"the checkpoint's size \"{size}\" is no number of leaves");
        return new Checkpoint(origin, leaves, HashText.Parse(root));
    }

    /// <summary>Decimal, without leading zeros, at most <see cref="MaxSize"/>.</summary>
    public static bool TryParseSize(string text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size)
        && size <= MaxSize
        && (text.Length == 1 || text[0] != '0');
}
