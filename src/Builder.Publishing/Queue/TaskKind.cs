namespace Builder.Publishing.Queue;

/// <summary>What is to be done with a stored build. The numbers are in the database.</summary>
public enum TaskKind
{
    UploadHook = 0,
    FailureHook = 1,
    DebianPackage = 2,
    FreeBsdPackage = 3,
}
