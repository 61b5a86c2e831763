using System.Security.Cryptography;
using Builder.Protocol.Messages;

namespace Builder.Server.Options;

/// <summary>Jobs stay queued unless their script is one of those that are known to be harmless.</summary>
/// <param name="Reason">Why, and how to have them run: for people.</param>
/// <param name="AllowedScripts">SHA-256 of each script that may run, in lower-case hexadecimal digits.</param>
public sealed record JobHold(string Reason, IReadOnlySet<string> AllowedScripts)
{
    internal bool Holds(ScriptJob job) => !AllowedScripts.Contains(DigestOf(job.Script.Span));

    /// <summary>The form of <see cref="AllowedScripts"/>.</summary>
    public static string DigestOf(ReadOnlySpan<byte> script) => Convert.ToHexStringLower(SHA256.HashData(script));
}
