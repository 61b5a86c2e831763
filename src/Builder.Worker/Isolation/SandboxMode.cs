using System.Globalization;
using Builder.Worker.Native;

namespace Builder.Worker.Isolation;

/// <summary>One way to set up a sandbox; which of them a machine allows is tried when a worker starts.</summary>
/// <param name="JobUser">
/// The unprivileged user that jobs of a worker run as that is root; null for a worker that is not, whose jobs are its own user.
/// </param>
/// <param name="HasUserNamespace">False where root makes the namespaces with its own rights and drops them inside.</param>
/// <param name="HasOwnProc">False where the /proc of the container around the worker has to do.</param>
internal sealed record SandboxMode(uint? JobUser, bool HasUserNamespace, bool HasOwnProc)
{
    private const uint FirstJobUser = 2_000_000_000;
    private const uint Nobody = 65534;

    /// <summary>Those that this process could set up, the best first.</summary>
    public static IReadOnlyList<SandboxMode> Candidates()
    {
        if (Posix.geteuid() != 0)
            return [new(null, true, true), new(null, true, false)];
        var user = UserForJobs();
        return [new(user, true, true), new(user, false, true), new(user, true, false), new(user, false, false)];
    }

    /// <summary>
    /// A user that nobody else is, so that the jobs of two workers cannot reach each other: above all ranges that systems give
    /// out, where the worker's own user namespace has such a user at all.
    /// </summary>
    private static uint UserForJobs()
    {
        var wanted = FirstJobUser + (uint)Environment.ProcessId;
        foreach (var line in File.ReadLines("/proc/self/uid_map"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                fields.Length == 3
                && long.Parse(fields[0], CultureInfo.InvariantCulture) is var first
                && long.Parse(fields[2], CultureInfo.InvariantCulture) is var count
                && wanted >= first
                && wanted < first + count
            )
            {
                return wanted;
            }
        }
        return Nobody;
    }
}
