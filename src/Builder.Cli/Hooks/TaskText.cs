using Builder.Protocol.Text;
using Builder.Publishing.Queue;

namespace Builder.Cli.Hooks;

/// <summary>A task as a line for people and for cut(1).</summary>
internal static class TaskText
{
    public static string Line(PublishingTask task) =>
        string.Join(
            '\t',
            task.Id,
            task.State.ToString().ToLowerInvariant(),
            $"{task.Ended ?? task.Started ?? task.Due:yyyy-MM-ddTHH:mm:ssZ}",
            What(task),
            task.Build,
            VisibleText.Line(task.Message)
        );

    private static string What(PublishingTask task) =>
        task.Kind switch
        {
            TaskKind.UploadHook => $"upload-hooks/{VisibleText.Line(task.Name)}",
            TaskKind.FailureHook => $"failure-hooks/{VisibleText.Line(task.Name)}",
            TaskKind.DebianPackage => "debian",
            _ => "freebsd",
        };
}
