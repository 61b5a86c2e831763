using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Queue;
using Builder.Publishing.Repositories;
using Builder.Storage;
using Builder.Storage.Troubles;

namespace Builder.Cli.Repo;

/// <summary>What the commands about hooks and repositories have in common: where data and configuration are.</summary>
internal sealed class RepositoryOptions
{
    private readonly DataOptions data = new();

    private readonly Option<string> configuration = ConfigurationDirectory();

    public static Option<string> ConfigurationDirectory() =>
        new("--configdir", "-c")
        {
            Description = "Configuration directory: hooks, repositories with their keys.",
            DefaultValueFactory = _ => OperatingSystem.IsFreeBSD() ? "/usr/local/etc/builder-web" : "/etc/builder-web",
            HelpName = "DIR",
            Recursive = true,
        };

    public void AddTo(Command command)
    {
        data.AddTo(command);
        command.Add(configuration);
    }

    public PublishingOptions Read(ParseResult parsed) =>
        new(Path.GetFullPath(parsed.GetRequiredValue(configuration)), Path.GetFullPath(data.Settings(parsed).DataDirectory));

    public RepositorySet Open(ParseResult parsed) => Guard(() => RepositorySet.Open(Read(parsed), TimeProvider.System));

    public Task<TaskStore> OpenTasksAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        return File.Exists(TaskStore.PathIn(options.DataDirectory))
            ? GuardAsync(() => TaskStore.OpenAsync(options.DataDirectory, cancellationToken))
            : throw new CommandException(
                $"Nothing was ever due in {options.DataDirectory}: builder web writes down there what hooks and repositories have to do (--datadir names another directory)."
            );
    }

    /// <summary>Runs with the builds' database and all that belongs to publishing open.</summary>
    public async Task<T> WithQueueAsync<T>(ParseResult parsed, Func<PublishingQueue, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var storage = await BuilderStorage.OpenAsync(data.Settings(parsed), TimeProvider.System, cancellationToken);
            using var queue = await PublishingQueue.OpenAsync(Read(parsed), storage, TimeProvider.System, cancellationToken);
            return await work(queue);
        }
        catch (Exception exception) when (exception is SchemaException or RepositoryException)
        {
            throw new CommandException(exception.Message);
        }
    }

    /// <summary>What an operator can mend is told without a stack trace.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (RepositoryException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    private static T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RepositoryException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
