namespace Builder.Server.Scheduling;

/// <summary>A worker that may be given a repetition, among those of its platform.</summary>
/// <param name="Name">By <see cref="WorkerNames.Stable"/>.</param>
/// <param name="CanVary">It makes variations, and replays recorded inputs.</param>
internal readonly record struct WorkerChoice(string Name, bool CanVary)
{
    /// <summary>
    /// Whether it is this one's turn: a worker that can vary where one is there, then the wanted one, then one that did not build it before.
    /// </summary>
    /// <param name="connected">All workers of the platform, waiting or building.</param>
    public bool MayTake(Repetition repetition, IReadOnlyCollection<WorkerChoice> connected)
    {
        var able = connected.Any(static worker => worker.CanVary) ? connected.Where(static worker => worker.CanVary) : connected;
        if (!CanVary && connected.Any(static worker => worker.CanVary))
            return false;
        if (repetition.OnWorker is { } wanted && able.Any(worker => worker.Name == wanted))
            return Name == wanted;
        if (repetition.Options.Rebuild.OnAnyWorker || !repetition.WasBuiltBy(Name))
            return true;
        // All built it before: better a worker that did than nobody, and of these not the first one where others are there.
        return able.All(worker => repetition.WasBuiltBy(worker.Name))
            && (Name != repetition.FirstWorker || able.All(worker => worker.Name == repetition.FirstWorker));
    }
}
