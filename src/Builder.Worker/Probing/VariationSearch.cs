using System.Globalization;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Worker.Execution;
using Builder.Worker.Isolation;
using Builder.Worker.Processes;
using Builder.Worker.Variation;

namespace Builder.Worker.Probing;

/// <summary>Finds what this machine has to vary jobs with.</summary>
internal static class VariationSearch
{
    private const string Locales = "/usr/lib/locale";

    private static readonly ScriptJob Trial = new(
        ByteString.FromUtf8("order"),
        ScriptJob.NoPlatform,
        ByteString.FromUtf8(": > one; : > two; ls -U > order\n")
    );

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    /// <param name="runner">Makes a runner of jobs with these tools and the isolation that was found.</param>
    public static async Task<VariationTools> FindAsync(
        JobIsolation isolation,
        Func<VariationTools, JobRunner> runner,
        CancellationToken cancellationToken
    )
    {
        // Some run within the sandbox, where a tree has programs of its own.
        Func<string, string?> find = isolation.Root is { } root ? root.FindProgram : BubblewrapSandbox.FindProgram;
        var tools = new VariationTools
        {
            Faketime = find("faketime"),
            Disorderfs = BubblewrapSandbox.FindProgram("disorderfs"),
            Unshare = BubblewrapSandbox.FindProgram("unshare"),
            Taskset = find("taskset"),
            Setarch = find("setarch"),
            Processor = LastProcessor(),
            HasSandbox = isolation.Tier.IsSandboxed,
            Locale = FindLocale(isolation.Root?.Path),
        };
        if (!tools.HasSandbox || tools.Disorderfs is null || tools.Unshare is null)
            return tools;
        var mounting = tools with { CanMount = true };
        using var outcome = await runner(mounting).RunAsync(Trial, new Silence(), TimeLimit, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return outcome.Result == new ExecutionResult.Exited(0) ? mounting : tools;
    }

    /// <summary>Of those that this process may run on; null where that is one.</summary>
    private static int? LastProcessor()
    {
        if (Environment.ProcessorCount < 2 || !OperatingSystem.IsLinux())
            return null;
        const string Name = "Cpus_allowed_list:";
        var list = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal));
        return
            list is not null
            && int.TryParse(
                list.AsSpan(list.LastIndexOfAny([',', '-', ':', '\t']) + 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var last
            )
            ? last
            : null;
    }

    /// <summary>A compiled locale with rules of its own.</summary>
    private static string? FindLocale(string? root) =>
        !Directory.Exists(root + Locales)
            ? null
            : Directory
                .EnumerateDirectories(root + Locales)
                .Select(static path => Path.GetFileName(path))
                .Where(static name => name.Contains('_', StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .FirstOrDefault();

    private sealed class Silence : IConsoleSink
    {
        public void Write(ReadOnlySpan<byte> line) { }

        public void Flush() { }
    }
}
