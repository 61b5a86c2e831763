using System.Globalization;
using Builder.Storage;
using Builder.Storage.Artifacts;
using Builder.Storage.Leases;
using Builder.Web.Http;
using Builder.Web.Live;
using Builder.Web.Monitoring;
using Builder.Web.Pictures;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Builder.Web.Operations;

/// <summary><c>/metrics</c> for Prometheus, <c>/health</c> and, for balancers, <c>/ready</c>, on a port of their own: visitors of the site do not see them, and see nothing else there.</summary>
internal static class OperationsEndpoints
{
    private static readonly object Mark = new();

    /// <summary>What comes in here is for operators.</summary>
    public static void ForOperations(this ListenOptions listen) =>
        listen.Use(static next =>
            connection =>
            {
                connection.Items[Mark] = Mark;
                return next(connection);
            }
        );

    public static void AddOperations(this IServiceCollection services) =>
        services
            .AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("builder-web"))
            .WithMetrics(static metrics =>
                metrics
                    .AddMeter(
                        SiteMetrics.MeterName,
                        "Microsoft.AspNetCore.Hosting",
                        "Microsoft.AspNetCore.Server.Kestrel",
                        "System.Runtime"
                    )
                    .AddPrometheusExporter()
            );

    public static void UseOperations(this WebApplication app)
    {
        var pictures = app.Services.GetRequiredService<PicturePreparation>();
        app.Services.GetRequiredService<SiteMetrics>()
            .Watch(
                app.Services.GetRequiredService<ExpensiveWork>(),
                () => pictures.Waiting,
                app.Services.GetRequiredService<BuilderStorage>()
            );
        app.MapWhen(
            IsForOperations,
            static operations =>
            {
                operations.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
                operations.Run(AnswerAsync);
            }
        );
    }

    private static bool IsForOperations(HttpContext http) => http.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) ?? false;

    private static async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/ready")
        {
            await AnswerReadyAsync(http);
            return;
        }
        if (http.Request.Path != "/health")
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            await http.Response.WriteAsync("there are /metrics, /health and /ready\n", http.RequestAborted);
            return;
        }
        await AnswerHealthAsync(http);
    }

    /// <summary>For balancers, which ask often: it reads the database and writes nothing.</summary>
    private static async Task AnswerReadyAsync(HttpContext http)
    {
        var reason = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested
            ? "this process ends"
            : await Health.WhyNotReadyAsync(
                http.RequestServices.GetRequiredService<BuilderStorage>(),
                http.RequestServices.GetRequiredService<SiteTroubles>(),
                http.RequestAborted
            );
        http.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync($"{reason ?? "ready"}\n", http.RequestAborted);
    }

    /// <summary>For the site's own port, where its visitors are its operators.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/health", Verbs.Read, (HttpContext http) => AnswerHealthAsync(http));

    private static async Task AnswerHealthAsync(HttpContext http)
    {
        var trouble = await Health.TroubleAsync(
            http.RequestServices.GetRequiredService<BuilderStorage>(),
            http.RequestServices.GetRequiredService<SiteTroubles>(),
            http.RequestAborted
        );
        http.Response.StatusCode = trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync($"{trouble ?? "well"}\n", http.RequestAborted);
        if (http.RequestServices.GetRequiredService<DamagedContents>() is { Count: > 0 } damaged)
            await http.Response.WriteAsync(
                $"{damaged.Count} stored contents are damaged and not served: builder db verify-data-dir\n",
                http.RequestAborted
            );
        await http.Response.WriteAsync(await ProtectionAsync(http), http.RequestAborted);
        if (trouble is null)
            await http.Response.WriteAsync(await ProcessesAsync(http), http.RequestAborted);
    }

    /// <summary>A line for each web process on the same database; nothing with SQLite.</summary>
    private static async Task<string> ProcessesAsync(HttpContext http)
    {
        await using var session = await http
            .RequestServices.GetRequiredService<BuilderStorage>()
            .Database.OpenReadAsync(http.RequestAborted);
        var processes = await WebProcesses.ListAsync(session, http.RequestAborted);
        return string.Concat(
            processes.Select(process =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"web process {process.Host} {process.ProcessId} {process.Version}: {(process.IsAlive ? "alive" : "not heard of")}, last seen {process.Seen:yyyy-MM-dd'T'HH:mm:ss'Z'}\n"
                )
            )
        );
    }

    /// <summary>A line for each worker that the build server tells of, and for the jobs that it keeps back.</summary>
    private static async Task<string> ProtectionAsync(HttpContext http)
    {
        var snapshot = await http.RequestServices.GetRequiredService<Activity>().CurrentAsync(http.RequestAborted);
        if (snapshot.Workers is not { } known)
            return "";
        var lines = known.Workers.Select(worker =>
            $"worker {worker.Name}: isolation {worker.Isolation?.Name ?? "unknown"} ({worker.Isolation?.Reason ?? "the worker does not tell"})\n"
        );
        return string.Concat(known.HoldReason is { } reason ? lines.Append($"held jobs: {known.HeldJobs} ({reason})\n") : lines);
    }
}
