using System.IO.Enumeration;
using System.Net.Http.Headers;
using Builder.Protocol.Values;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>
/// The status of the commit that a build was made from. A build says which one, but only about repositories that the operator allows its job: else any job
/// could pass any commit.
/// </summary>
internal sealed class CommitStatusChannel(
    NotificationTarget target,
    OutgoingHttp http,
    SitePlace site,
    Func<BuildUuid, CancellationToken, Task<SourceRevision?>> findRevision
) : HttpChannel(target, http)
{
    private const int MaxDescription = 140;

    protected override async Task<HttpRequestMessage?> MakeAsync(OutboxEvent found, CancellationToken cancellationToken)
    {
        if (found is not { Job: { } job, Build: { } build })
            return null;
        var allowed = Target.Repositories.Where(one => FileSystemName.MatchesSimpleExpression(one.Jobs, job, ignoreCase: false)).ToList();
        if (allowed.Count == 0 || await findRevision(build, cancellationToken) is not { } revision)
            return null;
        var repository = allowed.Find(one => string.Equals(one.Repository, revision.Repository, StringComparison.OrdinalIgnoreCase));
        return repository is null ? null : Make(found, repository.Repository, revision.Commit);
    }

    private HttpRequestMessage Make(OutboxEvent found, string repository, string commit)
    {
        var text = EventText.Of(found, site);
        var hasSucceeded = EventData.Text(found, "main_binary.sha256") is not null;
        var description = text.Title.Length <= MaxDescription ? text.Title : text.Title[..MaxDescription];
        var context = $"builder/{found.Job}/{found.Platform}";
        var isGitLab = Target.Kind == TargetKind.GitLab;
        var request = JsonRequest.Post(
            Address(repository, commit),
            json =>
            {
                json.WriteString(
                    "state",
                    hasSucceeded ? "success"
                        : isGitLab ? "failed"
                        : "failure"
                );
                json.WriteString("description", description);
                json.WriteString(isGitLab ? "name" : "context", context);
                if (text.Link is { } link)
                    json.WriteString("target_url", link.AbsoluteUri);
            }
        );
        switch (Target.Kind)
        {
            case TargetKind.GitLab:
                request.Headers.Add("PRIVATE-TOKEN", Target.Token);
                break;
            case TargetKind.GitHub:
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Target.Token);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.github+json"));
                break;
            default:
                request.Headers.Authorization = new AuthenticationHeaderValue("token", Target.Token);
                break;
        }
        return request;
    }

    private Uri Address(string repository, string commit)
    {
        var root = Target.Address.AbsoluteUri.TrimEnd('/');
        return new Uri(
            Target.Kind switch
            {
                TargetKind.GitHub => $"{root}/repos/{repository}/statuses/{commit}",
                TargetKind.GitLab => $"{root}/api/v4/projects/{Uri.EscapeDataString(repository)}/statuses/{commit}",
                _ => $"{root}/api/v1/repos/{repository}/statuses/{commit}",
            }
        );
    }
}
