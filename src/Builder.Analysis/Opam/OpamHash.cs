using System.Text;

namespace Builder.Analysis.Opam;

/// <summary>A checksum as opam writes it: <c>sha256=…</c>; without a kind it is MD5.</summary>
public sealed record OpamHash(string Kind, string Hex)
{
    public static OpamHash? TryParse(OpamText text)
    {
        var written = Encoding.Latin1.GetString(text.Span);
        var (kind, hex) = written.IndexOf('=') is var sign and >= 0 ? (written[..sign], written[(sign + 1)..]) : ("md5", written);
        var length = kind switch
        {
            "md5" => 32,
            "sha256" => 64,
            "sha512" => 128,
            _ => -1,
        };
        return hex.Length == length && hex.All(char.IsAsciiHexDigit) ? new OpamHash(kind, hex.ToLowerInvariant()) : null;
    }

    public override string ToString() => $"{Kind}={Hex}";
}
