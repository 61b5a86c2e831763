using System.Globalization;

namespace Builder.Publishing.Notifications;

/// <summary>
/// Who holds a lease: boot, process namespace, process and its start. Another process of the same machine can tell whether the holder is dead, and need not
/// wait until the lease ends.
/// </summary>
internal static class SenderIdentity
{
    private const int StartField = 22;
    private const int BootDigits = 8;

    /// <summary>Of the column.</summary>
    private const int MaxLength = 64;

    /// <summary>This process.</summary>
    public static string Own { get; } =
        Machine() is { } machine && StartOf(Environment.ProcessId) is { } start
            ? Short(string.Create(CultureInfo.InvariantCulture, $"{machine}.{Environment.ProcessId}.{start}.{Guid.NewGuid():N}"))
            : Guid.NewGuid().ToString("N");

    /// <summary>Whether the holder certainly lives no more. One of another machine may live.</summary>
    public static bool IsDead(string owner)
    {
        var parts = owner.Split('.');
        return parts.Length >= 4
            && Machine() is { } machine
            && $"{parts[0]}.{parts[1]}" == machine
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            && StartOf(process) != parts[3];
    }

    private static string Short(string text) => text.Length <= MaxLength ? text : text[..MaxLength];

    private static string? Machine()
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id");
            var space = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
            return $"{boot[..BootDigits]}.{new string([.. space.Where(char.IsAsciiDigit)])}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No Linux: leases end by themselves.
            return null;
        }
    }

    /// <summary>proc(5), <c>/proc/PID/stat</c>: the name in parentheses may hold anything.</summary>
    private static string? StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is { Length: > StartField } fields ? fields[StartField - 3] : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
