using System.Diagnostics;
using System.Globalization;
using Builder.Testing;

namespace Builder.EndToEnd.Tests.Pair;

/// <summary>A network of its own for a process, with a cable to this machine that can be cut.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private readonly string name;
    private readonly int number = Random.Shared.Next(1, 250);

    private NetworkNamespace() => name = string.Create(CultureInfo.InvariantCulture, $"bpair{Environment.ProcessId % 100000}-{number}");

    /// <summary>This machine's address, as the process sees it.</summary>
    public string HostAddress => string.Create(CultureInfo.InvariantCulture, $"10.213.{number}.1");

    /// <summary>The process's address.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"10.213.{number}.2");

    /// <summary>Before a program, to run it in there.</summary>
    public IReadOnlyList<string> Command => ["ip", "netns", "exec", name];

    private string Cable => string.Create(CultureInfo.InvariantCulture, $"bp{Environment.ProcessId % 100000}x{number}");

    public static async Task<NetworkNamespace> CreateAsync()
    {
        Requirement.Programs("ip");
        Requirement.Root("to make network namespaces");
        var made = new NetworkNamespace();
        Requirement.Met(await made.TryAsync("netns", "add", made.name), "this machine has no network namespaces");
        await made.RunAsync("link", "add", made.Cable, "type", "veth", "peer", "name", "eth0", "netns", made.name);
        await made.RunAsync("addr", "add", $"{made.HostAddress}/24", "dev", made.Cable);
        await made.RunAsync("link", "set", made.Cable, "up");
        await made.RunAsync("-n", made.name, "addr", "add", $"{made.Address}/24", "dev", "eth0");
        await made.RunAsync("-n", made.name, "link", "set", "eth0", "up");
        await made.RunAsync("-n", made.name, "link", "set", "lo", "up");
        return made;
    }

    public Task CutAsync() => RunAsync("link", "set", Cable, "down");

    public Task MendAsync() => RunAsync("link", "set", Cable, "up");

    public async ValueTask DisposeAsync()
    {
        await TryAsync("link", "del", Cable);
        await TryAsync("netns", "del", name);
    }

    private async Task RunAsync(params string[] arguments) =>
        Assert.True(await TryAsync(arguments), $"ip {string.Join(' ', arguments)} failed");

    private async Task<bool> TryAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments))!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
