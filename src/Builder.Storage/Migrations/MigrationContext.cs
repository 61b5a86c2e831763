using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

/// <summary>What a step works on.</summary>
internal sealed record MigrationContext(
    DatabaseSession Session, DataDirectory Directory, DurableFiles Files, IProgress<string> Progress, CancellationToken CancellationToken)
{
    /// <summary>Runs statements that hold no value from outside.</summary>
    public async Task ExecuteAsync(string statements)
    {
        Files.Step("change the tables");
        await Session.ExecuteAsync(statements, CancellationToken);
    }
}
