using System.Text;
using System.Text.RegularExpressions;
using Builder.Publishing.Files;

namespace Builder.Publishing.Signing;

/// <summary>A GnuPG home of our own (mode 0700) with the one key that signs a Debian repository.</summary>
public sealed partial class GpgKeyring(string home, string fingerprint) : ISigner
{
    private static readonly string[] Quiet = ["--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];

    public string Fingerprint => fingerprint;

    /// <summary>Makes a key that signs and does nothing else.</summary>
    /// <param name="expires">As gpg takes it: <c>0</c> for never, <c>2y</c>, …</param>
    public static async Task<GpgKeyring> CreateAsync(
        string home,
        string userId,
        string algorithm,
        string expires,
        CancellationToken cancellationToken
    )
    {
        MakeHome(home);
        await RunAsync(home, ["--quick-generate-key", userId, algorithm, "sign", expires], default, cancellationToken);
        return new GpgKeyring(home, await FingerprintAsync(home, cancellationToken));
    }

    /// <summary>Takes a secret key over from a file, armoured or not. It must not have a passphrase.</summary>
    public static async Task<GpgKeyring> ImportAsync(string home, string keyFile, CancellationToken cancellationToken)
    {
        MakeHome(home);
        await RunAsync(home, ["--import", "--", keyFile], default, cancellationToken);
        var ring = new GpgKeyring(home, await FingerprintAsync(home, cancellationToken));
        await ring.SignAsync(SignatureKind.Detached, "probe"u8.ToArray(), cancellationToken);
        return ring;
    }

    public Task<byte[]> SignAsync(SignatureKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var how = kind switch
        {
            SignatureKind.ClearSigned => "--clearsign",
            SignatureKind.Detached => "--detach-sign",
            _ => throw new RepositoryException($"an OpenPGP key cannot make a signature of kind {kind}"),
        };
        return RunAsync(home, ["--armor", "--digest-algo", "SHA512", "--local-user", $"{fingerprint}!", how], content, cancellationToken);
    }

    public Task<byte[]> ExportPublicAsync(bool armored, CancellationToken cancellationToken) =>
        RunAsync(home, armored ? ["--armor", "--export", "--", fingerprint] : ["--export", "--", fingerprint], default, cancellationToken);

    private static void MakeHome(string home) =>
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static async Task<string> FingerprintAsync(string home, CancellationToken cancellationToken)
    {
        var listing = Encoding.UTF8.GetString(await RunAsync(home, ["--list-secret-keys", "--with-colons"], default, cancellationToken));
        var fingerprints = FingerprintOfPrimaryKey().Matches(listing);
        return fingerprints.Count == 1
            ? fingerprints[0].Groups[1].Value
            : throw new RepositoryException($"{home} has {fingerprints.Count} secret keys; it must have one");
    }

    private static async Task<byte[]> RunAsync(
        string home,
        string[] arguments,
        ReadOnlyMemory<byte> input,
        CancellationToken cancellationToken
    )
    {
        await using var visible = GpgHome.Open(home);
        return await Tool.RunAsync("gpg", [.. Quiet, .. arguments], input, visible.Path, cancellationToken);
    }

    /// <summary>Ends the agent of a home that is about to be removed.</summary>
    public static async Task EndAgentAsync(string home, CancellationToken cancellationToken)
    {
        await using var visible = GpgHome.Open(home);
        await Tool.RunAsync("gpgconf", ["--kill", "gpg-agent"], default, visible.Path, cancellationToken);
    }

    [GeneratedRegex(@"^sec:.*\n(?:(?!fpr:).*\n)*fpr:(?::*)([0-9A-F]{40}):", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex FingerprintOfPrimaryKey();
}
