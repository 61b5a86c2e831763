using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Options;

namespace Builder.Hostile.Tests;

/// <summary>What <c>--network outbound --allow HOST</c> opens of the machine's own networks: that host, and nothing beside it.</summary>
public sealed class AllowedHostTests
{
    [Fact]
    public async Task A_job_reaches_the_allowed_address_and_not_another_of_the_same_network()
    {
        Requirement.Programs("slirp4netns");
        using var neighbour = await Neighbour.StartAsync();
        foreach (var address in new[] { neighbour.First, neighbour.Second })
            Assert.Equal("hello", await Neighbour.AskAsync(address));
        await using var worker = await HostileWorker.StartAsync(network: SandboxNetwork.Outbound, allowed: [$"{neighbour.First}"]);

        var (console, finished) = await worker.RunAsync(
            $$"""
            #!/bin/bash
            for address in {{neighbour.First}} {{neighbour.Second}}; do
              said=$(exec 2>/dev/null 3<> /dev/tcp/$address/{{Neighbour.Port}} && head -n 1 <&3) || said=nothing
              echo "$address: $said"
            done
            """
        );

        Assert.Equal([$"{neighbour.First}: hello", $"{neighbour.Second}: nothing"], console);
        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
    }

    [Fact]
    public async Task Without_that_it_reaches_none_of_them()
    {
        Requirement.Programs("slirp4netns");
        using var neighbour = await Neighbour.StartAsync();
        await using var worker = await HostileWorker.StartAsync(network: SandboxNetwork.Outbound);

        var (console, _) = await worker.RunAsync(
            $$"""
            #!/bin/bash
            ( exec 3<> /dev/tcp/{{neighbour.First}}/{{Neighbour.Port}} ) 2>/dev/null && echo "BREACH" || echo "HELD"
            """
        );

        Assert.Equal(["HELD"], console);
    }
}
