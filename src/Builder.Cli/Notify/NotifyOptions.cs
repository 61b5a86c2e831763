using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Repo;
using Builder.Publishing.Targets;
using Builder.Storage.Database;

namespace Builder.Cli.Notify;

/// <summary>Where configuration and data are, and which target is meant.</summary>
internal sealed class NotifyOptions
{
    private readonly DataOptions data = new();
    private readonly Option<string> configuration = RepositoryOptions.ConfigurationDirectory();

    public static Argument<string> Target() => new("target") { Description = "Name of the target in notify.yaml." };

    public void AddTo(Command command)
    {
        data.AddTo(command);
        command.Add(configuration);
    }

    public string Path(ParseResult parsed) => TargetsFile.PathIn(System.IO.Path.GetFullPath(parsed.GetRequiredValue(configuration)));

    /// <exception cref="CommandException">The file is not as it must be; a line for each fault.</exception>
    public IReadOnlyList<NotificationTarget> Read(ParseResult parsed)
    {
        try
        {
            return TargetsFile.Read(Path(parsed));
        }
        catch (NotificationException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    /// <exception cref="CommandException">There is no such target.</exception>
    public NotificationTarget Find(ParseResult parsed, string name)
    {
        var targets = Read(parsed);
        return targets.FirstOrDefault(target => target.Name == name)
            ?? throw new CommandException(
                targets.Count == 0
                    ? $"{Path(parsed)} names no targets"
                    : $"there is no target \"{name}\" in {Path(parsed)}; there are {string.Join(", ", targets.Select(static one => one.Name))}"
            );
    }

    public Task<BuilderDatabase> OpenAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        data.OpenAsync(parsed, cancellationToken);
}
