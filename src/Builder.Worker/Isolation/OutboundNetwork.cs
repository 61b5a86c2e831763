using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Builder.Protocol.Values;
using Builder.Worker.Options;
using Builder.Worker.Processes;

namespace Builder.Worker.Isolation;

/// <summary>
/// A way to public addresses, and to nothing else, for the jobs of a worker. Between the machine and a job's network namespace is
/// another one, whose routes prohibit what is not public. Packets pass from one to the next through slirp4netns, which speaks with
/// ordinary sockets: in the middle namespace these come upon the prohibited routes, whatever a job does to its own packets.
/// </summary>
/// <remarks>
/// Routes in the job's own namespace would not do: a socket that is bound to a device, or asks for one with IP_PKTINFO, goes past
/// them (ip(7)). There is no IPv6: what has no way at all needs no list of exceptions.
/// </remarks>
internal sealed class OutboundNetwork : IAsyncDisposable
{
    /// <summary>Where a job asks for addresses; the question goes on to the machine's own name servers.</summary>
    public const string NameServer = "10.0.3.3";

    private const string MiddleNameServer = "10.0.2.3";
    private const string ReadyWord = "ready ";

    // Public addresses are what these leave: "this network", private use, shared with a carrier, loopback, link-local (with the
    // data of cloud machines), protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved (RFC 6890).
    private static readonly string[] Prohibited =
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ];

    // $1: slirp4netns, $2: routes, $3: settings of names for what speaks from within. The namespaces are complete when their
    // process has become "sleep".
    private const string Middle = """
        unshare --user --map-root-user --net --mount sh -c '
          mount -t tmpfs -o size=64k tmpfs /tmp && printf "%s\\n" "$1" > /tmp/resolv.conf || exit 1
          names=$(readlink -f /etc/resolv.conf) && [ -e "$names" ] && mount --bind /tmp/resolv.conf "$names"
          exec sleep 2147483647' sh "$3" &
        holder=$! tries=0
        until [ "$(cat /proc/$holder/comm 2>/dev/null)" = sleep ]; do
          tries=$((tries + 1))
          [ $tries -lt 1000 ] && kill -0 $holder 2>/dev/null || { echo 'no user and network namespace can be made'; exit 1; }
          sleep 0.01
        done
        ready=$("$1" --configure --ready-fd=3 --disable-host-loopback --enable-seccomp --cidr=10.0.2.0/24 --userns-path=/proc/$holder/ns/user $holder tap0 3>&1 >/dev/null &)
        [ "$ready" = 1 ] || { echo 'slirp4netns did not get ready'; exit 1; }
        printf '%s\n' "$2" | nsenter --target $holder --user --net --preserve-credentials ip -batch - || exit 1
        echo "ready $holder"
        wait $holder
        """;

    // For root: where only root may open /dev/net/tun, what runs as another user gets one of its own.
    private const string WithTunnels = """
        mount -t tmpfs -o size=64k,mode=755 tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200 || exit 1
        exec "$@"
        """;

    // $1: the process that holds the middle namespace, $2: slirp4netns. Runs in the job's own network namespace.
    private const string Inner = """
        ready=$(nsenter --target "$1" --net --mount -- "$2" --configure --ready-fd=3 --disable-host-loopback --enable-seccomp --cidr=10.0.3.0/24 $$ tap0 3>&1 >/dev/null 2>&1 &)
        [ "$ready" = 1 ] || { echo 'the network of the job could not be set up'; exit 125; }
        shift 2; exec "$@"
        """;

    private readonly SupervisorClient supervisor;
    private readonly Task ended;
    private readonly ConsolePipe pipe;

    private OutboundNetwork(SupervisorClient supervisor, Task ended, ConsolePipe pipe, IReadOnlyList<string> commandPrefix)
    {
        this.supervisor = supervisor;
        this.ended = ended;
        this.pipe = pipe;
        CommandPrefix = commandPrefix;
    }

    /// <summary>Runs the command that comes after it in a network of its own.</summary>
    public IReadOnlyList<string> CommandPrefix { get; }

    /// <returns>Null where the options ask for another network.</returns>
    /// <exception cref="IOException">It cannot be had; the message says what is missing.</exception>
    public static async Task<OutboundNetwork?> StartAsync(
        IsolationOptions options,
        IReadOnlyList<string> supervisorCommand,
        CancellationToken cancellationToken
    )
    {
        if (options.Network != SandboxNetwork.Outbound || options.Sandbox == SandboxKind.None)
            return null;
        var slirp = Program("slirp4netns");
        foreach (var tool in (string[])["ip", "unshare", "nsenter"])
            Program(tool);
        var routes = Routes(await AddressesAsync(options.AllowedHosts, cancellationToken), OwnAddresses());

        var supervisor = SupervisorClient.Start(supervisorCommand);
        var said = new ReadyConsole();
        var pipe = ConsolePipe.Create(said);
        Task ended;
        try
        {
            string[] command = ["/bin/sh", "-c", Middle, "sh", slirp, routes, $"nameserver {MiddleNameServer}"];
            var request = new SupervisorMessage.Start(
                [
                    .. SandboxMode.Candidates()[0].JobUser is { } user
                        ? [.. OwnTunnels(), .. BubblewrapSandbox.SwitchTo(user)]
                        : (string[])[],
                    .. command,
                ],
                [$"PATH={Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin:/usr/bin:/bin"],
                "/",
                [1],
                "",
                []
            );
            ended = supervisor.RunAsync(request, [pipe.Writer], CancellationToken.None);
            if (await Task.WhenAny(said.Ready, ended).WaitAsync(cancellationToken) != said.Ready)
            {
                pipe.Abandon();
                await pipe.Ended;
                throw new IOException($"--network outbound: {said.Text}; choose --network none or host, or fix that");
            }
            return new OutboundNetwork(
                supervisor,
                ended,
                pipe,
                [
                    Program("nsenter"),
                    "--target",
                    await said.Ready,
                    "--user",
                    "--net",
                    "--preserve-credentials",
                    "--",
                    Program("unshare"),
                    "--net",
                    "--",
                    "/bin/sh",
                    "-c",
                    Inner,
                    "sh",
                    await said.Ready,
                    slirp,
                ]
            );
        }
        catch
        {
            await supervisor.DisposeAsync();
            pipe.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await supervisor.DisposeAsync();
        try
        {
            await ended;
        }
        catch (IOException)
        {
            // It ended with its supervisor.
        }
        pipe.Abandon();
        await pipe.Ended;
        pipe.Dispose();
    }

    /// <summary>As <c>ip -batch</c> reads them: what is not public, the machine's own addresses, then what is allowed all the same.</summary>
    internal static string Routes(IReadOnlyList<IPAddress> allowed, IEnumerable<IPAddress> own)
    {
        var text = new StringBuilder("link set lo up\n");
        foreach (var network in Prohibited)
            text.Append("route replace prohibit ").Append(network).Append('\n');
        text.Append("route replace prohibit 10.0.2.2/32\n"); // a name of the machine's loopback for slirp4netns
        foreach (var address in own.Except(allowed).Distinct())
            text.Append("route replace prohibit ").Append(address).Append("/32\n");
        foreach (var address in allowed.Distinct())
            text.Append("route replace ").Append(address).Append("/32 via 10.0.2.2 dev tap0 onlink\n");
        return text.ToString();
    }

    private static string[] OwnTunnels()
    {
        const string Device = "/dev/net/tun";
        return File.Exists(Device) && !File.GetUnixFileMode(Device).HasFlag(UnixFileMode.OtherRead | UnixFileMode.OtherWrite)
            ? [Program("unshare"), "--mount", "--", "/bin/sh", "-c", WithTunnels, "sh"]
            : [];
    }

    private static string Program(string name) =>
        BubblewrapSandbox.FindProgram(name)
        ?? throw new IOException(
            $"--network outbound: there is no {name} in PATH; install slirp4netns, iproute2 and util-linux, or choose --network none or host"
        );

    private static IEnumerable<IPAddress> OwnAddresses() =>
        NetworkInterface
            .GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(entry => entry.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));

    private static async Task<IReadOnlyList<IPAddress>> AddressesAsync(IReadOnlyList<string> hosts, CancellationToken cancellationToken)
    {
        var allowed = new List<IPAddress>();
        foreach (var host in hosts)
        {
            IPAddress[] found;
            if (AddressText.IsShortForm(host))
                throw new IOException($"--allow {host}: this is no address; write four numbers such as 10.0.0.1");
            try
            {
                found = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancellationToken);
            }
            catch (Exception exception) when (exception is SocketException or ArgumentException)
            {
                throw new IOException($"--allow {host}: {exception.Message}; give the name or the IPv4 address of a host", exception);
            }
            if (found.Length == 0)
                throw new IOException($"--allow {host}: there is no IPv4 address; jobs have no IPv6");
            if (found.Any(IPAddress.IsLoopback))
                throw new IOException(
                    $"--allow {host}: the loopback of this machine is never open to jobs; allow one of its other addresses"
                );
            allowed.AddRange(found);
        }
        return allowed;
    }

    /// <summary>Waits for the word that all is set up.</summary>
    private sealed class ReadyConsole : IConsoleSink
    {
        private readonly TaskCompletionSource<string> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly StringBuilder text = new();

        /// <summary>The process that holds the namespace.</summary>
        public Task<string> Ready => ready.Task;

        public string Text => text.ToString();

        public void Write(ReadOnlySpan<byte> line)
        {
            var said = Encoding.UTF8.GetString(line);
            if (said.StartsWith(ReadyWord, StringComparison.Ordinal))
                ready.TrySetResult(said[ReadyWord.Length..]);
            else if (text.Length < 1000)
                text.Append(text.Length > 0 ? "; " : "").Append(said);
        }

        public void Flush() { }
    }
}
