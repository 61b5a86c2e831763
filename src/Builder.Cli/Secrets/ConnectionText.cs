using Builder.Cli.Errors;

namespace Builder.Cli.Secrets;

/// <summary>Where a PostgreSQL connection string comes from: the same places for every verb, so that a password need not stand in a list of arguments.</summary>
internal static class ConnectionText
{
    /// <summary>File, argument, systemd credential, environment variable: the first that there is.</summary>
    /// <returns>What names the place, for messages, and the connection string; null where there is none.</returns>
    /// <exception cref="CommandException">A file cannot be read, is empty or too long.</exception>
    public static (string Source, string? Connection) Find(
        (string Name, string? Value) argument,
        (string Name, FileInfo? Value) file,
        string credentialName,
        string variable,
        Action<string> warn
    )
    {
        if (file.Value is { } path)
        {
            if (argument.Value is not null)
                warn($"{argument.Name} is not used: {file.Name} is given too");
            return (file.Name, SecretFile.ReadText(file.Name, path.FullName, warn));
        }
        if (argument.Value is { } value)
            return (argument.Name, value);
        if (SystemdCredential.Find(credentialName) is { } credential)
            return (
                SystemdCredential.Label(credentialName),
                SecretFile.ReadText(SystemdCredential.Label(credentialName), credential, warn)
            );
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? ($"${variable}", set) : (argument.Name, null);
    }
}
