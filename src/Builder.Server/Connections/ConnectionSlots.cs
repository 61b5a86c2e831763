using System.Runtime.InteropServices;

namespace Builder.Server.Connections;

/// <summary>
/// How many connections may be open at once: fewer than there are file descriptors, so that a running build always finds one for its
/// files, however many peers there are.
/// </summary>
internal sealed partial class ConnectionSlots(int count) : IDisposable
{
    private const int Reserved = 96;

    /// <summary>Two descriptors for a connection: its socket, and the console of the build it serves.</summary>
    private const int DescriptorsEach = 2;

    private readonly SemaphoreSlim free = new(count);

    public int Total { get; } = count;

    public int InUse => Total - free.CurrentCount;

    public static ConnectionSlots OfThisProcess()
    {
        var limit = GetLimit(OperatingSystem.IsLinux() ? 7 : 8, out var descriptors) == 0 ? descriptors.Current : 1024;
        return new ConnectionSlots((int)Math.Clamp(((long)Math.Min(limit, 1 << 20) - Reserved) / DescriptorsEach, 16, 100_000));
    }

    public Task WaitAsync(CancellationToken cancellationToken) => free.WaitAsync(cancellationToken);

    public void Release() => free.Release();

    public void Dispose() => free.Dispose();

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Highest;
    }
}
