using System.Diagnostics;
using Builder.Proof.Log;

namespace Builder.Publishing.Tests.TransparencyLog;

/// <summary>
/// Go's checksum database has read logs like ours for years: its packages check one that we wrote, and refuse it changed. Go is large, so the test runs only where it
/// is installed: <c>apt-get install golang-go golang-golang-x-mod-dev</c>.
/// </summary>
public sealed class GoTests
{
    private const string Go = "/usr/bin/go";
    private const string Packages = "/usr/share/gocode";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Go_verifies_checkpoints_inclusion_and_growth_from_our_tiles_and_refuses_forgeries()
    {
        if (!File.Exists(Go) || !Directory.Exists(Path.Combine(Packages, "src/golang.org/x/mod/sumdb")))
            Assert.Skip("Go is not installed: apt-get install golang-go golang-golang-x-mod-dev");
        using var log = new TestLog();
        var program = log["check"];
        var (built, problem) = await RunAsync(
            Go,
            ["build", "-o", program, Path.Combine(AppContext.BaseDirectory, "TransparencyLog", "Go", "check.go")],
            log
        );
        Assert.True(built == 0, problem);
        var old = await log.GrowAsync(0, 66_000);
        await File.WriteAllBytesAsync(log["old"], old.ToBytes(), Token);
        await log.GrowAsync(66_000, 4_000);
        await File.WriteAllTextAsync(log["entry"], "entry 12345", Token);
        string[] arguments = [log.Verifier.Vkey, log.Public, log["old"], "12345", log["entry"]];

        Assert.Equal((0, "entry 12345 is in the log of 70000, which continues the one of 66000"), await RunAsync(program, arguments, log));

        await AssertRefusedAsync(log, program, [.. arguments[..3], "12346", log["entry"]], "an entry at another place");
        await File.WriteAllTextAsync(log["entry"], "entry 12345!", Token);
        await AssertRefusedAsync(log, program, arguments, "a changed entry");
        await File.WriteAllTextAsync(log["entry"], "entry 12345", Token);
        using var other = new TestLog(log.Key);
        await File.WriteAllBytesAsync(log["old"], (await other.GrowAsync(1, 66_000)).ToBytes(), Token);
        await AssertRefusedAsync(log, program, arguments, "a forked log");
        await File.WriteAllBytesAsync(log["old"], [.. old.ToBytes()[..^3], (byte)'\n'], Token);
        await AssertRefusedAsync(log, program, arguments, "a truncated checkpoint");
        await File.WriteAllBytesAsync(log["old"], old.ToBytes(), Token);
        var name = new NoteKey("other.example", NoteKeyKind.Ed25519, log.Key.PublicKey);
        await AssertRefusedAsync(log, program, [name.Vkey, .. arguments[1..]], "the key of another log");
        var tile = Path.Combine(log.Public, new TileAddress(0, 48, TileAddress.FullWidth).Path);
        var bytes = await File.ReadAllBytesAsync(tile, Token);
        bytes[5000] ^= 1;
        await File.WriteAllBytesAsync(tile, bytes, Token);
        await AssertRefusedAsync(log, program, arguments, "a changed tile");
    }

    private static async Task AssertRefusedAsync(TestLog log, string program, string[] arguments, string forgery)
    {
        var (exitCode, output) = await RunAsync(program, arguments, log);
        Assert.True(exitCode == 1, $"{forgery}: {output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, TestLog log)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = Packages;
        start.Environment["GOCACHE"] = log["go-cache"];
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, (await output + await errors).Trim());
    }
}
