namespace Builder.Server.Scheduling;

internal enum JobChangeKind
{
    Same,
    Added,
    Changed,
    Removed,
}
