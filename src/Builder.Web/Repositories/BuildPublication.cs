using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Publishing.Queue;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Repositories;

/// <summary>What the page of a build says of its package: how to install it, or why it is in no repository.</summary>
/// <param name="Install">Lines to copy; null where it is not what the repository offers now.</param>
public sealed record BuildPublication(RepositoryKind Kind, TaskState State, string Message, string? Install)
{
    /// <summary>Null where nothing was to be published.</summary>
    internal static async Task<BuildPublication?> FindAsync(PageContext page, BuildUuid uuid, string platform)
    {
        var http = page.Http;
        if (http.RequestServices.GetService<PublishingQueue>() is not { HasRepositories: true } queue)
            return null;
        page.Moment.ChangesWithin(PublishingHost.NoticedWithin);
        var tasks = await queue.Tasks.ListAsync(new TaskFilter(Build: uuid, Hooks: false), 1, http.RequestAborted);
        if (tasks is not [{ } task])
            return null;
        var kind = task.Kind == TaskKind.DebianPackage ? RepositoryKind.Debian : RepositoryKind.FreeBsd;
        var package = task.State == TaskState.Done ? await queue.PackageOfAsync(task, platform, http.RequestAborted) : null;
        var install = package is null ? null : InstallText.For(kind, SiteOrigin.Of(http.Request), package.Branch, package.Name);
        return new BuildPublication(kind, task.State, task.Message, install);
    }
}
