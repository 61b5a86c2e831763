using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Testing;

namespace Builder.Publishing.Tests.TransparencyLog;

/// <summary>A witness of others signs our checkpoints, and refuses them where the log does not continue. It takes logs of one form of name only.</summary>
public sealed class SigsumWitnessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stock_witness_signs_a_log_that_grows_and_no_other()
    {
        var program = await StockProgram.FindAsync("sigsum-go", Token, "sigsum-witness");
        using var log = new TestLog();
        var settings = log.Settings with { Origin = $"sigsum.org/v1/tree/{Hex(log.Key.PublicKey)}" };
        var (made, problem) = await StockProgram.RunAsync(
            Path.Combine(Path.GetDirectoryName(program)!, "sigsum-key"),
            ["generate", "-o", log["witness"]],
            Token
        );
        Assert.True(made == 0, problem);
        var key = ReadKey(await File.ReadAllTextAsync(log["witness.pub"], Token));
        await File.WriteAllTextAsync(log["log.pub"], $"ssh-ed25519 {Convert.ToBase64String(Wire(log.Key.PublicKey))} log\n", Token);
        var port = FreePort();
        using var process = Process.Start(
            new ProcessStartInfo(
                program,
                ["-k", log["witness"], "--log-key", log["log.pub"], "--state-file", log["witness-state"], $"127.0.0.1:{port}"]
            )
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            using var http = new HttpClient();
            var witness = new NoteKey($"sigsum.org/v1/witness/{Hex(key)}", NoteKeyKind.Cosignature, key);
            var address = new WitnessAddress(witness, new Uri($"http://127.0.0.1:{port}/"));
            await using (var sequencer = await LogSequencer.OpenAsync(settings, log.Key, Token))
            {
                var client = new WitnessClient(http, address);
                await sequencer.AppendAsync(TestLog.Leaves(0, 5), Token);
                await WaitAsync(port, process);
                await CosignAsync(client, sequencer, witness);
                await sequencer.AppendAsync(TestLog.Leaves(5, 300), Token);
                await CosignAsync(client, sequencer, witness);
                // One that begins anew learns the size from the witness.
                await CosignAsync(new WitnessClient(http, address), sequencer, witness);
            }
            using var other = new TestLog(log.Key);
            await using var fork = await LogSequencer.OpenAsync(other.Settings with { Origin = settings.Origin }, log.Key, Token);
            await fork.AppendAsync(TestLog.Leaves(1000, 400), Token);
            await Assert.ThrowsAsync<HttpRequestException>(() => CosignAsync(new WitnessClient(http, address), fork, witness));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }
    }

    private static async Task CosignAsync(WitnessClient client, LogSequencer sequencer, NoteKey witness)
    {
        var signed = sequencer.Checkpoint;
        var line = await client.CosignAsync(signed, oldSize => sequencer.ConsistencyAsync(oldSize, signed, Token), Token);
        Assert.True(witness.Verify(signed.Note.Text, line));
        Assert.True(await sequencer.KeepAsync(signed, [line], Token));
    }

    private static async Task WaitAsync(int port, Process process)
    {
        while (!process.HasExited)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, Token);
            }
        }
        Assert.Fail(await process.StandardError.ReadToEndAsync(Token));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Ed25519VerificationKey ReadKey(string openSsh) =>
        Ed25519VerificationKey.FromBytes(Convert.FromBase64String(openSsh.Split(' ')[1]).AsSpan()[^32..]);

    private static byte[] Wire(Ed25519VerificationKey key) => [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. key.Bytes.Span];

    private static string Hex(Ed25519VerificationKey key) => Convert.ToHexStringLower(SHA256.HashData(key.Bytes.Span));
}
