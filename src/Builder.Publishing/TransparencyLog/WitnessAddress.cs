using System.Diagnostics.CodeAnalysis;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>A witness to ask: the key that checks its signatures, and where it answers.</summary>
public sealed record WitnessAddress(NoteKey Key, Uri Url)
{
    /// <param name="text"><c>VKEY,URL</c>.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out WitnessAddress? witness, out string reason)
    {
        witness = null;
        reason = $"\"{text}\" is not NAME+HASH+BASE64,URL";
        if (
            text.Split(',', 2) is not [var vkey, var url]
            || !Uri.TryCreate(url, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
        )
        {
            return false;
        }
        try
        {
            var key = NoteKey.Parse(vkey);
            if (key.Kind != NoteKeyKind.Cosignature)
            {
                reason = $"\"{vkey}\" is the key of a log, not of a witness";
                return false;
            }
            witness = new WitnessAddress(key, new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"));
            return true;
        }
        catch (InvalidLogDataException exception)
        {
            reason = exception.Message;
            return false;
        }
    }
}
