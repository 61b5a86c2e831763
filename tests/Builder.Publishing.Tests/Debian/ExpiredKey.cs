using System.Diagnostics;
using Builder.Publishing.Signing;
using Builder.Testing;

namespace Builder.Publishing.Tests.Debian;

/// <summary>A key that was valid for a day in 2020, and signs as of then.</summary>
internal sealed class ExpiredKey(string home) : ISigner
{
    public async Task<byte[]> CreateAsync()
    {
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await GpgAsync(["--quick-generate-key", "Yesterday", "ed25519", "sign", "1d"], default);
        return await GpgAsync(["--export"], default);
    }

    public Task<byte[]> SignAsync(SignatureKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        GpgAsync(["--armor", kind == SignatureKind.ClearSigned ? "--clearsign" : "--detach-sign"], content);

    private async Task<byte[]> GpgAsync(string[] arguments, ReadOnlyMemory<byte> input)
    {
        Requirement.Programs("gpg");
        var start = new ProcessStartInfo("gpg") { RedirectStandardInput = true, RedirectStandardOutput = true };
        string[] all =
        [
            "--homedir",
            home,
            "--batch",
            "--quiet",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
            "--faked-system-time",
            "20200101T000000",
            .. arguments,
        ];
        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
