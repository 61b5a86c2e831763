using Builder.Storage.Files;

namespace Builder.Storage.Migrations;

/// <summary>One step of schema or layout, and the way back.</summary>
internal abstract class Migration
{
    /// <summary>The date it was made, by which operators name it.</summary>
    public abstract string Identifier { get; }

    public abstract long OldVersion { get; }

    public long NewVersion => OldVersion + 1;

    public abstract string Summary { get; }

    public abstract string RollbackSummary { get; }

    /// <summary>File work before the transaction; may be cut off anywhere and done again.</summary>
    public virtual Task PrepareAsync(MigrationContext context) => Task.CompletedTask;

    /// <summary>Takes back what <see cref="PrepareAsync"/> did before it was cut off, for an operator who turns round.</summary>
    public virtual Task UndoPrepareAsync(MigrationContext context) => Task.CompletedTask;

    /// <summary>The change of the tables, inside the one transaction that also sets the version.</summary>
    public abstract Task MigrateAsync(MigrationContext context);

    /// <summary>File work that the old version no longer needs; runs again where it was cut off.</summary>
    public virtual Task CleanAsync(MigrationContext context) => Task.CompletedTask;

    public virtual Task PrepareRollbackAsync(MigrationContext context) => Task.CompletedTask;

    public virtual Task UndoPrepareRollbackAsync(MigrationContext context) => Task.CompletedTask;

    public abstract Task RollbackAsync(MigrationContext context);

    /// <summary>Whether <see cref="CleanAfterRollbackAsync"/> was cut off, or what comes before it.</summary>
    public virtual bool IsRollbackUnfinished(DataDirectory directory) => false;

    /// <returns>Whether there was something left to do.</returns>
    public virtual Task<bool> CleanAfterRollbackAsync(MigrationContext context) => Task.FromResult(false);
}
