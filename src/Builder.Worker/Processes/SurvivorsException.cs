namespace Builder.Worker.Processes;

/// <summary>Processes of a job outlive it and cannot be ended: another job would start among them, so none is taken.</summary>
public sealed class SurvivorsException(int count)
    : IOException($"no job is taken: {count} processes of the last one cannot be ended; they belong to another user or wait in the kernel");
