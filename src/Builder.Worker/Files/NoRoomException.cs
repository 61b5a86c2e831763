namespace Builder.Worker.Files;

/// <summary>There is no place for a job on this machine: none was taken, so none fails for it.</summary>
public sealed class NoRoomException(string reason) : IOException($"no job is taken, there is no room for one: {reason}");
