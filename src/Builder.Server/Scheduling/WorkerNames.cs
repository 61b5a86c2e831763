using System.Net;

namespace Builder.Server.Scheduling;

/// <summary>What tells workers apart from one connection to the next.</summary>
internal static class WorkerNames
{
    /// <summary>The name without the address behind it, or for a worker without a name its address without the port.</summary>
    public static string Stable(string worker)
    {
        if (IPEndPoint.TryParse(worker, out var address))
            return address.Address.ToString();
        return
            worker.EndsWith(')')
            && worker.LastIndexOf(" (", StringComparison.Ordinal) is > 0 and var start
            && IPEndPoint.TryParse(worker[(start + 2)..^1], out _)
            ? worker[..start]
            : worker;
    }
}
