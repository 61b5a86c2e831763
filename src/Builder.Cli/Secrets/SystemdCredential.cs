using Builder.Cli.Errors;

namespace Builder.Cli.Secrets;

/// <summary>Credentials that systemd hands to a service in files (<c>LoadCredential=</c>, systemd.exec(5)).</summary>
internal static class SystemdCredential
{
    public const string Variable = "CREDENTIALS_DIRECTORY";

    /// <summary>What messages call the credential.</summary>
    public static string Label(string name) => $"the credential {name}";

    /// <summary>The file of a credential; null where this service has none of that name.</summary>
    /// <exception cref="CommandException">The directory that the environment names cannot be used.</exception>
    public static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } directory)
            return null;
        var path = Path.Combine(directory, name);
        if (!Directory.Exists(directory))
            throw new CommandException($"cannot read {Label(name)} \"{path}\": ${Variable} names a directory that does not exist");
        try
        {
            _ = File.GetAttributes(path);
            return path;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // Reading it says why not.
            return path;
        }
    }
}
