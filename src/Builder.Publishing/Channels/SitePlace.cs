using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>Which site speaks, for links in messages.</summary>
/// <param name="Title">The operator's name for it.</param>
/// <param name="Address">How visitors reach it; null where the operator does not say, and then messages have no links.</param>
public sealed record SitePlace(string Title, Uri? Address)
{
    /// <summary>The page that an event is about.</summary>
    public Uri? PageOf(OutboxEvent found) =>
        found switch
        {
            { Job: { } job, Build: { } build } => Page($"/job/{Uri.EscapeDataString(job)}/build/{build}"),
            { Kind: EventKind.AdvisoryMatched } when EventData.Text(found, "advisory") is { } advisory => Page(
                $"/advisories/{Uri.EscapeDataString(advisory)}"
            ),
            { Job: { } job } => Page($"/job/{Uri.EscapeDataString(job)}"),
            _ => Page("/activity"),
        };

    public Uri? Page(string path) => Address is null ? null : new Uri(Address, path);
}
