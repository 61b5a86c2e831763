namespace Builder.Worker.Isolation;

/// <summary>What to start for a script.</summary>
/// <param name="Environment"><c>NAME=VALUE</c> each.</param>
/// <param name="Directory">Where to start it.</param>
internal sealed record Launch(IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string Directory)
{
    /// <summary>On which a sandbox says what became of it, where <see cref="ReportsStatus"/>.</summary>
    public const int StatusDescriptor = 3;

    /// <summary>It says on <see cref="StatusDescriptor"/> what became of it.</summary>
    public bool ReportsStatus { get; init; }

    /// <summary>What it reads from descriptors of its own, by number; each no longer than a pipe holds (64 KiB).</summary>
    public IReadOnlyDictionary<int, byte[]> Inputs { get; init; } = new Dictionary<int, byte[]>();
}
