using Builder.Analysis.Advisories;
using Builder.Publishing.Advisories;

namespace Builder.Web.Find;

/// <summary>Imports the advisories of the addresses that the operator named, at the start and every six hours; what has not changed is not fetched again.</summary>
internal sealed partial class AdvisoryImporting(
    AdvisoryDownload download,
    IReadOnlyList<Uri> addresses,
    TimeProvider clock,
    ILogger<AdvisoryImporting> log
) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromHours(6);

    /// <summary>All addresses once. One that fails keeps no other from being asked.</summary>
    internal async Task ImportAsync(CancellationToken cancellationToken)
    {
        foreach (var address in addresses)
        {
            try
            {
                if (
                    await download.ImportAsync(address, Unreadable, cancellationToken) is { } import
                    && import.Changed + import.Withdrawn > 0
                )
                    Imported(import.Changed, import.Withdrawn, address);
            }
            catch (Exception exception) when (exception is AdvisoryException or IOException or UnauthorizedAccessException)
            {
                Failed(exception.Message);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await ImportAsync(stoppingToken);
            await Task.Delay(Period, clock, stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "{changed} advisories are new or changed, {withdrawn} withdrawn, from {address}")]
    private partial void Imported(int changed, int withdrawn, Uri address);

    [LoggerMessage(LogLevel.Warning, "An advisory is left out: {reason}")]
    private partial void Unreadable(string reason);

    [LoggerMessage(LogLevel.Warning, "Advisories cannot be imported: {reason}. Trying again in 6 h")]
    private partial void Failed(string reason);
}
