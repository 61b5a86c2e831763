using System.Text;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Files;

/// <summary>Where a symbolic link in a job's directory leads, followed step by step and never out of the directory.</summary>
internal static class JobLink
{
    /// <summary>As many as the kernel follows (path_resolution(7)).</summary>
    private const int MaxLinks = 40;

    private const int MaxPath = 4096;

    /// <param name="root">The job's directory.</param>
    /// <param name="link">The link's path within it.</param>
    /// <param name="inside">Absolute paths under which the job knew its directory.</param>
    /// <param name="reason">Why it leads nowhere.</param>
    /// <returns>The path within the directory of what is no link, file or directory; null where there is none.</returns>
    public static byte[]? Follow(SafeFileHandle root, byte[] link, IReadOnlyList<string> inside, out string reason)
    {
        var todo = new Stack<byte[]>();
        var done = new List<byte[]>();
        var links = 0;
        Push(link);
        while (todo.TryPop(out var segment))
        {
            if (segment.AsSpan().SequenceEqual("."u8))
                continue;
            if (segment.AsSpan().SequenceEqual(".."u8))
            {
                if (done.Count == 0)
                    return Nothing("the link leads out of the job's directory", out reason);
                done.RemoveAt(done.Count - 1);
                continue;
            }
            done.Add(segment);
            if (ReadLink(root, Path(done)) is not { } target)
                continue;
            if (++links > MaxLinks)
                return Nothing("the link leads in a circle", out reason);
            done.RemoveAt(done.Count - 1);
            if (target is [(byte)'/', ..])
            {
                if (Within(target, inside) is not { } relative)
                    return Nothing("the link leads out of the job's directory", out reason);
                done.Clear();
                target = relative;
            }
            if (target.Length > MaxPath)
                return Nothing("the link's target is too long", out reason);
            Push(target);
        }
        reason = "";
        return Path(done);

        void Push(byte[] path)
        {
            var end = path.Length;
            for (var at = path.Length - 1; at >= -1; at--)
            {
                if (at >= 0 && path[at] != (byte)'/')
                    continue;
                if (end > at + 1)
                    todo.Push(path[(at + 1)..end]);
                end = at;
            }
        }
    }

    private static byte[]? Nothing(string why, out string reason)
    {
        reason = why;
        return null;
    }

    private static byte[] Path(List<byte[]> segments)
    {
        var path = new MemoryStream();
        foreach (var segment in segments)
        {
            if (path.Length > 0)
                path.WriteByte((byte)'/');
            path.Write(segment);
        }
        return path.ToArray();
    }

    private static byte[]? Within(byte[] target, IReadOnlyList<string> inside)
    {
        foreach (var directory in inside.Select(Encoding.UTF8.GetBytes))
        {
            if (target.AsSpan().StartsWith(directory) && (target.Length == directory.Length || target[directory.Length] == (byte)'/'))
                return target[directory.Length..];
        }
        return null;
    }

    /// <returns>Null where it is no link.</returns>
    private static unsafe byte[]? ReadLink(SafeFileHandle root, byte[] path)
    {
        var buffer = new byte[MaxPath + 1];
        fixed (byte* start = buffer)
        {
            var length = Posix.readlinkat(root, Posix.Terminated(path), start, (nuint)buffer.Length);
            return length < 0 ? null : buffer[..(int)length];
        }
    }
}
