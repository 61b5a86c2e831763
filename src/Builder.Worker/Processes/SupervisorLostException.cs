namespace Builder.Worker.Processes;

/// <summary>The supervisor ended before the job: what the job started may still run, so this worker takes no other.</summary>
public sealed class SupervisorLostException() : IOException("the supervisor of the job has ended unexpectedly");
