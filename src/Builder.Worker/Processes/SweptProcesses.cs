namespace Builder.Worker.Processes;

/// <summary>What a sweep came upon.</summary>
/// <param name="Found">Processes that have not ended.</param>
/// <param name="Refused">Those among them that take no signal from this user.</param>
internal readonly record struct SweptProcesses(int Found, int Refused)
{
    /// <summary>Nothing is left but other users' processes: to sweep once more would not end them.</summary>
    public bool AreOthers => Found > 0 && Refused == Found;
}
