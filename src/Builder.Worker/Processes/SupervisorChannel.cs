using System.Net.Sockets;
using System.Runtime.InteropServices;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Processes;

/// <summary>
/// One end of the socket between a worker and its supervisor. Descriptors travel beside a message (unix(7), SCM_RIGHTS): a
/// pipe that is handed over so needs no name in a file system.
/// </summary>
internal sealed class SupervisorChannel : IAsyncDisposable
{
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;
    private const int ControlHeader = 16;
    private const int MaxDescriptors = 128;
    private const short POLLIN = 1;
    private const short POLLOUT = 4;

    private readonly SafeSocketHandle handle;
    private readonly NetworkStream stream;
    private readonly Lock gate = new();

    public SupervisorChannel(SafeSocketHandle handle)
    {
        this.handle = handle;
        stream = new NetworkStream(new Socket(handle), ownsSocket: true);
    }

    /// <param name="descriptors">Sent along; they stay open here.</param>
    /// <exception cref="IOException">The other side has gone.</exception>
    public void Send(SupervisorMessage message, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaxDescriptors);
        var bytes = message.Encode();
        lock (gate)
        {
            var sent = descriptors.IsEmpty ? 0 : SendBeside(bytes, descriptors);
            stream.Write(bytes.AsSpan(sent));
        }
    }

    /// <summary>Waits for a message on the calling thread.</summary>
    /// <returns>Null where the other side has gone; the descriptors are the caller's to close.</returns>
    /// <exception cref="IOException">The other side has gone in mid message.</exception>
    public (SupervisorMessage Message, List<SafeFileHandle> Descriptors)? Receive()
    {
        Span<byte> header = stackalloc byte[SupervisorMessage.HeaderLength];
        var descriptors = new List<SafeFileHandle>();
        for (var have = 0; have < header.Length; )
        {
            var count = ReceiveBeside(header[have..], descriptors);
            if (count == 0)
                return null;
            have += count;
        }
        var body = new byte[SupervisorMessage.LengthIn(header)];
        stream.ReadExactly(body);
        return (SupervisorMessage.Decode(body), descriptors);
    }

    /// <returns>Null where the other side has gone.</returns>
    public Task<SupervisorMessage?> ReceiveAsync(CancellationToken cancellationToken) =>
        SupervisorMessage.ReadFromAsync(stream, cancellationToken);

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private unsafe int SendBeside(ReadOnlySpan<byte> bytes, ReadOnlySpan<SafeFileHandle> descriptors)
    {
        var length = ControlHeader + (descriptors.Length * sizeof(int));
        var control = stackalloc byte[ControlHeader + (MaxDescriptors * sizeof(int))];
        *(long*)control = length;
        ((int*)control)[2] = SOL_SOCKET;
        ((int*)control)[3] = SCM_RIGHTS;
        for (var i = 0; i < descriptors.Length; i++)
            ((int*)control)[4 + i] = (int)descriptors[i].DangerousGetHandle();
        fixed (byte* start = bytes)
        {
            var segment = new Posix.Segment { Start = start, Length = bytes.Length };
            var message = new Posix.MessageHeader
            {
                Segments = &segment,
                SegmentCount = 1,
                Control = control,
                ControlLength = (length + 7) & ~7,
            };
            while (true)
            {
                var count = Posix.sendmsg(handle.DangerousGetHandle(), &message, MSG_NOSIGNAL);
                if (count > 0)
                    return (int)count;
                WaitOrThrow(POLLOUT);
            }
        }
    }

    private unsafe int ReceiveBeside(Span<byte> bytes, List<SafeFileHandle> descriptors)
    {
        const int Room = ControlHeader + (MaxDescriptors * sizeof(int));
        var control = stackalloc byte[Room];
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var segment = new Posix.Segment { Start = start, Length = bytes.Length };
                var message = new Posix.MessageHeader
                {
                    Segments = &segment,
                    SegmentCount = 1,
                    Control = control,
                    ControlLength = Room,
                };
                var count = Posix.recvmsg(handle.DangerousGetHandle(), &message, MSG_CMSG_CLOEXEC);
                if (count < 0)
                {
                    WaitOrThrow(POLLIN);
                    continue;
                }
                if (message.ControlLength > ControlHeader && ((int*)control)[2] == SOL_SOCKET && ((int*)control)[3] == SCM_RIGHTS)
                {
                    for (var at = ControlHeader; at + sizeof(int) <= *(long*)control; at += sizeof(int))
                        descriptors.Add(new SafeFileHandle(*(int*)(control + at), ownsHandle: true));
                }
                return (int)count;
            }
        }
    }

    private unsafe void WaitOrThrow(short events)
    {
        var error = Marshal.GetLastPInvokeError();
        if (error is not (Posix.EAGAIN or Posix.EINTR))
            throw Posix.Error("the worker and its supervisor have lost each other", error);
        var entry = new Posix.PollDescriptor { Descriptor = (int)handle.DangerousGetHandle(), Events = events };
        _ = Posix.poll(&entry, 1, -1);
    }
}
