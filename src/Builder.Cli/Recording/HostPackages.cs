using System.Text;
using Builder.Cli.Programs;
using Builder.Protocol.Values;

namespace Builder.Cli.Recording;

/// <summary>The packages that are installed on this machine, as the artifact <c>system-packages</c> lists them.</summary>
internal static class HostPackages
{
    /// <summary>Each prints a package a line. The first that is installed is asked.</summary>
    private static readonly ProgramStart[] Queries =
    [
        new("dpkg-query", "-W", "-f", "${Package}=${Version}\n"),
        new("rpm", "-qa", "--queryformat", "%{NAME}=%{VERSION}-%{RELEASE}.%{ARCH}\n"),
        new("apk", "info", "-v"),
        new("pkg", "query", "%n-%v"),
    ];

    /// <summary>What <see cref="ListAsync"/> gives, and a line for the root directory that the worker gave this job.</summary>
    public static async Task<byte[]> RecordAsync(CancellationToken cancellationToken)
    {
        var list = await ListAsync(cancellationToken);
        return JobRoot.TryParse(Environment.GetEnvironmentVariable(JobRoot.Variable), out var root)
            ? [.. list, .. Encoding.UTF8.GetBytes(root.PackageLine + "\n")]
            : list;
    }

    /// <returns>
    /// <c>NAME=VERSION</c> of dpkg and rpm, <c>NAME-VERSION</c> of apk and pkg, in the same order each time; empty where none of them is here.
    /// </returns>
    /// <exception cref="Errors.CommandException">The package manager failed.</exception>
    public static async Task<byte[]> ListAsync(CancellationToken cancellationToken)
    {
        if (Array.Find(Queries, static query => ProgramRun.Find(query.Program) is not null) is not { } query)
            return [];
        var list = await ProgramRun.CaptureAsync(query, cancellationToken);
        // dpkg sorts by name, as other recorders of it expect.
        if (query == Queries[0])
            return list;
        var lines = Encoding.UTF8.GetString(list).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Array.Sort(lines, StringComparer.Ordinal);
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")));
    }
}
