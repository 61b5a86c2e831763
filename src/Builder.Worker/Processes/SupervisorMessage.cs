using System.Buffers.Binary;

namespace Builder.Worker.Processes;

/// <summary>What a worker and its supervisor say to each other, over a socket that nobody else has.</summary>
internal abstract record SupervisorMessage
{
    public const int HeaderLength = sizeof(int);

    private const int MaxSizeInBytes = 1 << 20;

    private SupervisorMessage() { }

    /// <summary>Worker: run this. One at a time.</summary>
    /// <param name="Descriptors">
    /// The numbers that the descriptors sent along get in the new process, in their order; number 1 is error output as well.
    /// </param>
    /// <param name="RemoveAfterLoss">The directory to remove in the worker's place, should the worker be gone; empty for none.</param>
    /// <param name="GroupsToRemoveAfterLoss">Directories of the job's control groups.</param>
    /// <param name="HasOwnProcessIds">It runs in a process id namespace that ends with it.</param>
    /// <param name="User">The user whose process it is, without any capability; null for the supervisor's own.</param>
    public sealed record Start(
        IReadOnlyList<string> Command,
        IReadOnlyList<string> Environment,
        string Directory,
        IReadOnlyList<int> Descriptors,
        string RemoveAfterLoss,
        IReadOnlyList<string> GroupsToRemoveAfterLoss,
        bool HasOwnProcessIds = false,
        uint? User = null
    ) : SupervisorMessage;

    /// <summary>Worker: put this process of the job under these limits; null where there is none. A descriptor beside it holds the job back until that is done.</summary>
    public sealed record Limit(int Process, long? Processes, long? FileBytes) : SupervisorMessage;

    /// <summary>Worker: ask the process group to end.</summary>
    public sealed record Terminate : SupervisorMessage;

    /// <summary>Worker: end every process at once.</summary>
    public sealed record Kill : SupervisorMessage;

    /// <summary>Supervisor: it could not be started.</summary>
    public sealed record Refused(string Reason) : SupervisorMessage;

    /// <summary>Supervisor: the process ended, and so did all that it started.</summary>
    /// <param name="Survivors">How many could not be ended within reason; not zero only for processes of other users.</param>
    public sealed record Ended(int WaitStatus, ResourceUsage Usage, int Survivors) : SupervisorMessage;

    /// <summary>Its length in four bytes, then its body.</summary>
    public byte[] Encode()
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(0);
        switch (this)
        {
            case Start start:
                writer.Write((byte)'s');
                Write(writer, start.Command);
                Write(writer, start.Environment);
                writer.Write(start.Directory);
                writer.Write(start.Descriptors.Count);
                foreach (var descriptor in start.Descriptors)
                    writer.Write(descriptor);
                writer.Write(start.RemoveAfterLoss);
                Write(writer, start.GroupsToRemoveAfterLoss);
                writer.Write(start.HasOwnProcessIds);
                Write(writer, start.User);
                break;
            case Limit limit:
                writer.Write((byte)'l');
                writer.Write(limit.Process);
                Write(writer, limit.Processes);
                Write(writer, limit.FileBytes);
                break;
            case Terminate:
                writer.Write((byte)'t');
                break;
            case Kill:
                writer.Write((byte)'k');
                break;
            case Refused refused:
                writer.Write((byte)'r');
                writer.Write(refused.Reason);
                break;
            case Ended ended:
                writer.Write((byte)'e');
                writer.Write(ended.WaitStatus);
                writer.Write(ended.Usage.ProcessorTime.Ticks);
                writer.Write(ended.Usage.PeakMemoryBytes);
                writer.Write(ended.Usage.BytesWritten);
                writer.Write(ended.Survivors);
                break;
        }
        writer.Flush();
        var message = buffer.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length - HeaderLength);
        return message;
    }

    /// <returns>Null where the other side has gone.</returns>
    public static async Task<SupervisorMessage?> ReadFromAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[sizeof(int)];
        try
        {
            await stream.ReadExactlyAsync(header, cancellationToken);
            var body = new byte[LengthIn(header)];
            await stream.ReadExactlyAsync(body, cancellationToken);
            return Decode(body);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    public static int LengthIn(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is > 0 and <= MaxSizeInBytes ? length : throw new InvalidDataException($"supervisor message of {length} bytes");
    }

    public static SupervisorMessage Decode(byte[] body)
    {
        using var reader = new BinaryReader(new MemoryStream(body));
        var kind = (char)reader.ReadByte();
        return kind switch
        {
            's' => new Start(
                ReadStrings(reader),
                ReadStrings(reader),
                reader.ReadString(),
                ReadNumbers(reader),
                reader.ReadString(),
                ReadStrings(reader),
                reader.ReadBoolean(),
                (uint?)ReadOptional(reader)
            ),
            'l' => new Limit(reader.ReadInt32(), ReadOptional(reader), ReadOptional(reader)),
            't' => new Terminate(),
            'k' => new Kill(),
            'r' => new Refused(reader.ReadString()),
            'e' => new Ended(
                reader.ReadInt32(),
                new ResourceUsage(new TimeSpan(reader.ReadInt64()), reader.ReadInt64(), reader.ReadInt64()),
                reader.ReadInt32()
            ),
            _ => throw new InvalidDataException($"supervisor message of kind '{kind}'"),
        };
    }

    private static long? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadInt64() : null;

    private static void Write(BinaryWriter writer, long? number)
    {
        writer.Write(number.HasValue);
        if (number is { } value)
            writer.Write(value);
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write(texts.Count);
        foreach (var text in texts)
            writer.Write(text);
    }

    private static List<string> ReadStrings(BinaryReader reader)
    {
        var texts = new List<string>();
        for (var left = reader.ReadInt32(); left > 0; left--)
            texts.Add(reader.ReadString());
        return texts;
    }

    private static List<int> ReadNumbers(BinaryReader reader)
    {
        var numbers = new List<int>();
        for (var left = reader.ReadInt32(); left > 0; left--)
            numbers.Add(reader.ReadInt32());
        return numbers;
    }
}
