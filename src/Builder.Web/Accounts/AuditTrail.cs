using System.Net;
using Builder.Storage.Accounts;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>Writes to the audit log, and to the site's log.</summary>
internal sealed partial class AuditTrail(AuditLog audit, UserAdministration users, TimeProvider clock, ILogger<AuditTrail> log)
{
    /// <summary>Of wrong passwords: whoever guesses fills the disk with entries otherwise.</summary>
    private const int MaxFailuresPerHour = 500;

    private readonly Lock gate = new();
    private DateTimeOffset hour;
    private int failures;

    public static string AddressOf(HttpContext http) => (http.Connection.RemoteIpAddress ?? IPAddress.None).ToString();

    public Task AddAsync(
        HttpContext http,
        Visitor visitor,
        string action,
        string subject,
        AuditOutcome outcome = AuditOutcome.Done,
        string detail = ""
    ) => AddAsync(http, visitor.User.Name, visitor.Way, action, subject, outcome, detail);

    public async Task AddAsync(
        HttpContext http,
        string actor,
        string way,
        string action,
        string subject,
        AuditOutcome outcome = AuditOutcome.Done,
        string detail = ""
    )
    {
        var address = AddressOf(http);
        var came = AuditLog.NameOf(outcome);
        LogAction(action, subject, actor, address, came, detail);
        // Not given up with the request: it was done, whoever waits for the answer.
        await audit.AddAsync(new AuditEntry(actor, way, address, action, subject, outcome, detail), CancellationToken.None);
    }

    /// <param name="name">As somebody typed it. People type passwords there: a name that no account has is not kept.</param>
    public async Task FailedAsync(HttpContext http, string name, string way, string detail)
    {
        if (CountFailure() is not { } last)
            return;
        var actor = await users.ExistsAsync(name, http.RequestAborted) ? name : "";
        await AddAsync(http, actor, way, "sign-in", "", AuditOutcome.Refused, last ? $"{detail}; no more are recorded this hour" : detail);
    }

    /// <returns>Null where it is not to be recorded; true for the last one that is.</returns>
    private bool? CountFailure()
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (now - hour >= TimeSpan.FromHours(1))
                (hour, failures) = (now, 0);
            failures++;
            return failures > MaxFailuresPerHour ? null : failures == MaxFailuresPerHour;
        }
    }

    [LoggerMessage(
        EventId = 80,
        Level = LogLevel.Information,
        Message = "{Action} {Subject} by {Actor} from {Address}: {Outcome} {Detail}"
    )]
    private partial void LogAction(string action, string subject, string actor, string address, string outcome, string detail);
}
