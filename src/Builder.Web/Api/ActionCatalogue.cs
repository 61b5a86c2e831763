namespace Builder.Web.Api;

/// <summary>What takes an account: with a token as Bearer, or as the password of Basic.</summary>
internal static class ActionCatalogue
{
    private const string Json = "application/json";

    private static readonly ApiParameter Job = new("job", InPath: true, "Name of the job.", "hello");

    private static readonly (int, string)[] Refusals =
    [
        (400, "A field is missing or wrong; the detail names it."),
        (401, "No token, or one that is not known, was revoked or has expired."),
        (403, "The account or the token may not."),
    ];

    private static readonly (int, string)[] Server =
    [
        (200, "Done."),
        .. Refusals,
        (404, "There is no such build, or the site knows no build server."),
        (409, "The build server refused; the detail says why."),
        (502, "The build server does not answer."),
    ];

    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        Post(
            "/job/{job}/run",
            "Puts a job at the head of its queue. Scope run:JOB.",
            [Job],
            [new("platform", false, "Where; all that it is for if not given.")],
            Server
        ),
        Post(
            "/job/{job}/reschedule",
            "Sets when a job is due next, and queues it now. Scope run:JOB.",
            [Job],
            [
                new("next", false, "RFC 3339, such as 2026-11-23T04:00:00Z."),
                new("period", false, "hourly, daily, weekly or never; as it is if not given."),
            ],
            Server
        ),
        Post(
            "/activity/{build}/cancel",
            "Ends a running build; it is recorded as cancelled. Scope run:JOB.",
            [new("build", true, "Uuid of the running build.")],
            [],
            Server
        ),
        Post("/platforms/drop", "Suspends a platform: its jobs wait. Scope operate.", [], [new("platform", false, "Its name.")], Server),
        Post("/platforms/undrop", "Resumes a platform. Scope operate.", [], [new("platform", false, "Its name.")], Server),
        Post(
            "/workers/drain",
            "Gives a worker no more jobs. Scope operate.",
            [],
            [new("worker", false, "Its name, without the address.")],
            Server
        ),
        Post(
            "/workers/undrain",
            "Gives it jobs again. Scope operate.",
            [],
            [new("worker", false, "Its name, without the address.")],
            Server
        ),
        Get(
            "/hooks",
            "Hooks and publications, the newest first. Scope operate.",
            [new("state", false, "Only those in this state, such as failed.")],
            "Hooks"
        ),
        Post(
            "/hooks/{id}/retry",
            "Makes a hook or publication due again. Scope operate.",
            [new("id", true, "Its number.")],
            [],
            [(200, "Done."), .. Refusals, (404, "There is none such."), (409, "It is running.")]
        ),
        Post(
            "/advisories/{id}/dismiss",
            "Says that a job is not affected by an advisory. Scope operate.",
            [new("id", true, "The advisory.", "OSEC-2026-01")],
            [new("job", false, "The job."), new("because", false, "Why not; it is shown.")],
            [(200, "Done."), .. Refusals]
        ),
        Post(
            "/advisories/{id}/rebuild",
            "Queues the jobs whose latest build is affected and not dismissed; the answer says for each whether the build server took it. Scope operate.",
            [new("id", true, "The advisory.", "OSEC-2026-01")],
            [],
            [
                (200, "Done, or partly refused: see the jobs."),
                .. Refusals,
                (404, "There is no such advisory, or the site knows no build server."),
            ]
        ),
        Get("/account", "The account that the token belongs to, its sessions and tokens.", [], "Account"),
        Post(
            "/account/tokens",
            "Makes a token. Scope admin.",
            [],
            [
                new("name", false, "What it is called."),
                new("scopes", false, "Separated by blanks: upload:JOBS, run:JOBS, operate, admin, read."),
                new("days", false, "It expires after so many; 90 if not given."),
            ],
            [(201, "Made; the token is in the answer, this once."), .. Refusals]
        ),
        Post("/account/tokens/{id}/revoke", "Makes a token worthless. Scope admin.", [new("id", true, "Its number.")], [], Own),
        Post("/account/sessions/{id}/revoke", "Ends a session. Scope admin.", [new("id", true, "Its number.")], [], Own),
        Get("/accounts", "All accounts. Role and scope admin.", [], "Accounts"),
        Post(
            "/accounts",
            "Adds an account. Role and scope admin.",
            [],
            [
                new("name", false, "Its name."),
                new("password", false, "10 characters at least."),
                new("role", false, "uploader, operator or admin."),
                new("jobs", false, "all, or listed: only jobs of its access list."),
            ],
            [(200, "Done."), .. Refusals]
        ),
        Post(
            "/accounts/change",
            "Gives an account a role, or disables it. Role and scope admin.",
            [],
            [new("name", false, "Its name."), new("change", false, "uploader, operator, admin or disable.")],
            [(200, "Done."), .. Refusals, (404, "There is no such account."), (409, "It is your own.")]
        ),
        Get(
            "/audit",
            "The audit log, the newest first. Role and scope admin.",
            [
                new("before", false, "Only entries with a lower number."),
                new("actor", false, "Only what this account did."),
                new("limit", false, "So many at most; 100 if not given."),
            ],
            "Audit"
        ),
    ];

    private static (int, string)[] Own => [(200, "Done."), .. Refusals, (404, "There is none such.")];

    private static ApiOperation Get(string path, string summary, IReadOnlyList<ApiParameter> parameters, string schema) =>
        new("GET", path, summary, parameters, [(200, "As described."), .. Refusals], Json, schema) { NeedsToken = true };

    private static ApiOperation Post(
        string path,
        string summary,
        IReadOnlyList<ApiParameter> parameters,
        IReadOnlyList<ApiParameter> fields,
        (int, string)[] answers
    ) =>
        new("POST", path, summary, parameters, answers, Json, path == "/account/tokens" ? "Account" : null)
        {
            NeedsToken = true,
            Fields = fields,
        };
}
