using Builder.Storage.Database;
using Builder.Storage.Files;

namespace Builder.Storage.Migrations;

/// <summary>What a step works on.</summary>
/// <param name="KeepsOwnEntries">On the way back to the original what only this program knows stays where it is.</param>
internal sealed record MigrationContext(
    DatabaseSession Session,
    DataDirectory Directory,
    DurableFiles Files,
    IProgress<string> Progress,
    bool KeepsOwnEntries,
    CancellationToken CancellationToken
)
{
    /// <summary>Runs statements that hold no value from outside.</summary>
    public async Task ExecuteAsync(string statements)
    {
        Files.Step("change the tables");
        await Session.ExecuteAsync(statements, CancellationToken);
    }
}
