using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Uploads;

/// <summary>A build that waits for its upload, and why.</summary>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Problem">What the last try came to; null before the first.</param>
/// <param name="NextTry">Null while it is being tried, and where it is held.</param>
public sealed record WaitingUpload(SpooledBuild Build, int Attempts, string? Problem, Timestamp? NextTry)
{
    /// <summary>Trying again would not help: it waits for an operator to retry or drop it.</summary>
    public bool IsHeld { get; init; }
}
