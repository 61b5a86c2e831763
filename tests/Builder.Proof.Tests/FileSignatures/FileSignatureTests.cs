using Builder.Analysis.Values;
using Builder.Proof.FileSignatures;
using Builder.Proof.Keys;
using Builder.Proof.Tests.Stock;
using Builder.Testing;

namespace Builder.Proof.Tests.FileSignatures;

/// <summary>Signatures of files in the hands of the programs of Debian.</summary>
public sealed class FileSignatureTests
{
    [Fact]
    public async Task Signify_accepts_the_list_of_files_and_refuses_a_changed_file_a_changed_list_and_another_key()
    {
        using var folder = new TemporaryDirectory();
        using var key = Ed25519SigningKey.Generate();
        using var other = Ed25519SigningKey.Generate();
        await WriteAsync(folder, "a file", "one"u8.ToArray());
        await WriteAsync(folder, "b.hvt", "two"u8.ToArray());
        await WriteAsync(folder, "builder.pub", Utf8(FileKey.PublicKeyFile(key.PublicKey, "builder public key")));
        await WriteAsync(folder, "other.pub", Utf8(FileKey.PublicKeyFile(other.PublicKey, "another")));
        var signed = SignifySignature.Sign(
            [("a file", Sha256Digest.Of("one"u8)), ("b.hvt", Sha256Digest.Of("two"u8)), ("no\nname", Sha256Digest.Of("three"u8))],
            key,
            "builder.pub"
        );
        await WriteAsync(folder, "SHA256.sig", signed);

        Assert.Equal(0, await SignifyAsync(folder, "builder.pub"));
        Assert.NotEqual(0, await SignifyAsync(folder, "other.pub"));
        await WriteAsync(folder, "b.hvt", "TWO"u8.ToArray());
        Assert.NotEqual(0, await SignifyAsync(folder, "builder.pub"));
        await WriteAsync(folder, "b.hvt", "two"u8.ToArray());
        signed[^2] ^= 1;
        await WriteAsync(folder, "SHA256.sig", signed);
        Assert.NotEqual(0, await SignifyAsync(folder, "builder.pub"));
    }

    [Fact]
    public async Task Minisign_accepts_a_file_shows_the_comment_and_refuses_what_was_changed()
    {
        using var folder = new TemporaryDirectory();
        using var key = Ed25519SigningKey.Generate();
        var content = new byte[300_000];
        content[^1] = 7;
        await WriteAsync(folder, "hello.hvt", content);
        await WriteAsync(folder, "builder.pub", Utf8(FileKey.PublicKeyFile(key.PublicKey, "minisign public key")));
        var signature = await MinisignSignature.SignAsync(
            new MemoryStream(content),
            key,
            "job hello\nbuild ebb1da61",
            TestContext.Current.CancellationToken
        );
        await WriteAsync(folder, "hello.hvt.minisig", signature);

        var (exitCode, output) = await MinisignAsync(folder);
        Assert.True(exitCode == 0, output);
        Assert.Contains("Trusted comment: job hello?build ebb1da61", output, StringComparison.Ordinal);

        await WriteAsync(
            folder,
            "hello.hvt.minisig",
            Utf8(System.Text.Encoding.UTF8.GetString(signature).Replace("job hello", "job other", StringComparison.Ordinal))
        );
        Assert.NotEqual(0, (await MinisignAsync(folder)).ExitCode);
        await WriteAsync(folder, "hello.hvt.minisig", signature);
        content[0] = 1;
        await WriteAsync(folder, "hello.hvt", content);
        Assert.NotEqual(0, (await MinisignAsync(folder)).ExitCode);
    }

    private static async Task<int> SignifyAsync(TemporaryDirectory folder, string key) =>
        (await InstalledProgram.RunAsync("signify-openbsd", ["-C", "-p", key, "-x", "SHA256.sig"], folder.Path)).ExitCode;

    private static Task<(int ExitCode, string Output)> MinisignAsync(TemporaryDirectory folder) =>
        InstalledProgram.RunAsync("minisign", ["-V", "-p", "builder.pub", "-m", "hello.hvt"], folder.Path);

    private static Task WriteAsync(TemporaryDirectory folder, string name, byte[] content) =>
        File.WriteAllBytesAsync(folder[name], content, TestContext.Current.CancellationToken);

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
