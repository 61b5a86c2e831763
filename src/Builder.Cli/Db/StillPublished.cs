using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Repo;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Repositories;

namespace Builder.Cli.Db;

/// <summary>Says after a removal of builds which of their packages clients can still install, and how to withdraw them.</summary>
internal static class StillPublished
{
    public static async Task PrintAsync(
        DataOptions data,
        Option<string> configuration,
        ParseResult parsed,
        IReadOnlyCollection<string> builds,
        CancellationToken cancellationToken
    )
    {
        var directory = Path.GetFullPath(data.Settings(parsed).DataDirectory);
        var options = new PublishingOptions(Path.GetFullPath(parsed.GetRequiredValue(configuration)), directory);
        IReadOnlyList<PublishedPackage> published;
        try
        {
            published = await RepositorySet.ListPublishedAsync(options, cancellationToken);
        }
        catch (RepositoryException exception)
        {
            await Console.Error.WriteLineAsync(
                $"Packages of these builds may still be published; the repositories cannot be read: {exception.Message}"
            );
            return;
        }
        foreach (var package in published.Where(package => package.BuildUuid is { } uuid && builds.Contains(uuid)))
            await Console.Error.WriteLineAsync(
                $"stays published: {package.Name} {package.Version} in {package.Branch}; to withdraw it: builder repo remove {package.Branch} {package.Name}"
            );
    }

    public static Option<string> ConfigurationOption() => RepositoryOptions.ConfigurationDirectory();
}
