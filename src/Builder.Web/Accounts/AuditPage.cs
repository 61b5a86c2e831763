using Builder.Storage.Accounts;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <param name="Before">The number to go on with; null where these are the oldest.</param>
/// <param name="Actor">The account whose entries these are; null for all.</param>
public sealed record AuditPage(PageLayout PageLayout, IReadOnlyList<RecordedEntry> Entries, long? Before, string? Actor);
