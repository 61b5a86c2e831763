using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Builder.Protocol.Listening;

/// <summary>Finds which program listens on a port, from /proc (proc(5)). A program of another user is seen by root only.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <returns><c> (pid 4711, builder)</c>, or nothing where it cannot be found out.</returns>
    public static string Describe(IPEndPoint endpoint)
    {
        try
        {
            return Inode(endpoint) is { } inode && Find($"socket:[{inode}]") is var (pid, name) ? $" (pid {pid}, {name})" : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string? Inode(IPEndPoint endpoint)
    {
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table))
                continue;
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                if (
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, Listening, _, _, _, _, _, var inode, ..]
                    && Excludes(local, endpoint)
                )
                    return inode;
            }
        }
        return null;
    }

    /// <summary>Whether a socket bound to <paramref name="local"/>, as <c>0100007F:0BB8</c>, keeps others from the endpoint.</summary>
    private static bool Excludes(string local, IPEndPoint endpoint)
    {
        if (
            local.Split(':') is not [var address, var port]
            || int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture) != endpoint.Port
        )
            return false;
        var bound = ParseAddress(address);
        return bound.Equals(endpoint.Address) || IsAny(bound) || IsAny(endpoint.Address);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>The kernel prints addresses as 32-bit words in the machine's byte order.</summary>
    private static IPAddress ParseAddress(string text)
    {
        var bytes = Convert.FromHexString(text);
        if (BitConverter.IsLittleEndian)
        {
            for (var word = 0; word < bytes.Length; word += sizeof(uint))
            {
                var value = bytes.AsSpan(word, sizeof(uint));
                BinaryPrimitives.WriteUInt32BigEndian(value, BinaryPrimitives.ReadUInt32LittleEndian(value));
            }
        }
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static (string Pid, string Name)? Find(string target)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (Path.GetFileName(process) is { } pid && pid.All(char.IsAsciiDigit) && Holds(process, target))
                return (pid, File.ReadAllText($"{process}/comm").Trim());
        }
        return null;
    }

    private static bool Holds(string process, string target)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Any(descriptor => LinkTarget(descriptor) == target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
            return false;
        }
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
