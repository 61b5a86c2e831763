namespace Builder.Worker.Execution;

/// <summary>A thread for each user whose processes the supervisor starts.</summary>
internal sealed class JobUserThreads
{
    private readonly Dictionary<uint, JobUserThread> threads = [];

    public JobUserThread Of(uint user)
    {
        if (!threads.TryGetValue(user, out var thread))
            threads[user] = thread = new JobUserThread(user);
        return thread;
    }
}
