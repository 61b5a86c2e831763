using Builder.Publishing.Queue;

namespace Builder.Web.Actions;

/// <summary>Hooks and publications in words.</summary>
internal static class HookText
{
    public static string What(PublishingTask task) =>
        task.Kind switch
        {
            TaskKind.UploadHook => $"upload-hooks/{task.Name}",
            TaskKind.FailureHook => $"failure-hooks/{task.Name}",
            TaskKind.DebianPackage => "Debian package",
            _ => "FreeBSD package",
        };

    public static string State(TaskState state) =>
        state switch
        {
            TaskState.Due => "due",
            TaskState.Running => "running",
            TaskState.Done => "done",
            TaskState.Failed => "failed",
            TaskState.Refused => "refused",
            TaskState.Held => "waits for a second build",
            _ => "withdrawn",
        };

    public static string Style(TaskState state) =>
        state switch
        {
            TaskState.Done => "good",
            TaskState.Failed or TaskState.Refused => "bad",
            TaskState.Due or TaskState.Running => "run",
            _ => "once",
        };
}
