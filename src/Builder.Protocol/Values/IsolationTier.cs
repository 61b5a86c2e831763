using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>How far a worker keeps its jobs apart from the machine and from each other, as it found when it started.</summary>
/// <param name="Kind">The tier.</param>
/// <param name="Reason">Why it is this tier and no higher one, or what it protects: one sentence for people, without a full stop.</param>
public sealed record IsolationTier(IsolationKind Kind, string Reason)
{
    private static readonly (IsolationKind Kind, string Name)[] Names =
    [
        (IsolationKind.None, "none"),
        (IsolationKind.SandboxSharedProc, "sandbox-shared-proc"),
        (IsolationKind.Sandbox, "sandbox"),
    ];

    /// <summary>What jobs see as their root directory; null for what the worker's machine has.</summary>
    public JobRoot? Root { get; init; }

    /// <summary>The tier's name on the wire, in <c>/health</c> and on pages: <c>sandbox</c>, <c>sandbox-shared-proc</c> or <c>none</c>.</summary>
    public string Name => Names.First(entry => entry.Kind == Kind).Name;

    /// <summary>True where jobs run in a sandbox of any kind.</summary>
    public bool IsSandboxed => Kind != IsolationKind.None;

    /// <summary>Reads what <see cref="Name"/> gives.</summary>
    public static bool TryParse(string name, string reason, [NotNullWhen(true)] out IsolationTier? tier)
    {
        tier = null;
        foreach (var (kind, known) in Names)
        {
            if (known == name)
                tier = new IsolationTier(kind, reason);
        }
        return tier is not null;
    }
}
