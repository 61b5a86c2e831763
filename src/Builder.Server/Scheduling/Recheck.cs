namespace Builder.Server.Scheduling;

/// <summary>How often the last good build of a job is built again although nothing is new. Numbers stand in the journal.</summary>
public enum Recheck
{
    Never,
    Weekly,
    Monthly,
}
