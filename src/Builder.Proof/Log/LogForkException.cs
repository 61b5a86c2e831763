namespace Builder.Proof.Log;

/// <summary>Signed checkpoints, or what a log shows of itself, contradict each other: somebody was told, or is being told, something false.</summary>
public sealed class LogForkException(string message) : Exception(message);
