using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Server.Options;

namespace Builder.Cli.Secrets;

/// <summary>
/// Finds user and password of uploads. The password comes from the first of these that there is: the file of an option, a systemd credential,
/// the environment, the URL.
/// </summary>
internal static class UploadPassword
{
    public const string FileOption = "--upload-password-file";
    public const string UserOption = "--upload-user";
    public const string Variable = "BUILDER_UPLOAD_PASSWORD";
    public const string Credential = "upload-password";

    /// <param name="user">Of <see cref="UserOption"/>; null for the URL's.</param>
    /// <param name="file">Of <see cref="FileOption"/>; null for none.</param>
    /// <param name="warn">Gets a line for each thing that the operator should change.</param>
    /// <returns>Null for uploads without a user.</returns>
    /// <exception cref="UsageException">There is a user without a password or the other way round, or two users.</exception>
    /// <exception cref="CommandException">The password cannot be read or used.</exception>
    public static UploadCredentials? Find(Uri url, string? user, string? file, Action<string> warn)
    {
        var (userOfUrl, passwordOfUrl) = PartsOf(url);
        user = UserOf(user, userOfUrl);
        var found = FromElsewhere(file, warn);
        if (passwordOfUrl is not null)
            WarnOfUrl(found?.Source, warn);
        if ((found ?? (passwordOfUrl is null ? null : ("--upload", passwordOfUrl))) is not var (source, password))
        {
            return user is null
                ? null
                : throw new UsageException(
                    $"there is no password for the upload user \"{user}\": use {FileOption}, {SystemdCredential.Label(Credential)} or ${Variable}"
                );
        }
        if (user is null)
            throw new UsageException($"there is no upload user for the password of {source}: use {UserOption}");
        return UploadCredentials.ProblemOfPassword(password) is { } problem
            ? throw new CommandException($"{source}: the password {problem}")
            : new UploadCredentials(user, password);
    }

    /// <summary>Makes sure that nothing which this process starts inherits the variable.</summary>
    public static void ForgetVariable() => Environment.SetEnvironmentVariable(Variable, null);

    /// <summary>Says that the password of the environment or of the service has no use.</summary>
    public static void WarnOfUnused(Action<string> warn)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
            warn($"${Variable} is not used: there is no --upload");
        else if (SystemdCredential.Find(Credential) is not null)
            warn($"{SystemdCredential.Label(Credential)} is not used: there is no --upload");
    }

    private static (string? User, string? Password) PartsOf(Uri url)
    {
        try
        {
            return UploadCredentials.Of(url);
        }
        catch (FormatException)
        {
            throw new UsageException("--upload: user and password are not UTF-8 once their %XX are decoded");
        }
    }

    private static string? UserOf(string? user, string? userOfUrl)
    {
        if (userOfUrl is { Length: > 0 })
        {
            if (UploadCredentials.ProblemOfUser(userOfUrl) is { } problem)
                throw new UsageException($"--upload: {problem}");
            if (user is not null && user != userOfUrl)
                throw new UsageException($"{UserOption} \"{user}\" and the user \"{userOfUrl}\" of --upload differ: give one of them");
            return userOfUrl;
        }
        return user;
    }

    private static (string Source, string Password)? FromElsewhere(string? file, Action<string> warn)
    {
        if (file is not null)
            return (FileOption, SecretFile.ReadText(FileOption, file, warn));
        if (SystemdCredential.Find(Credential) is { } credential)
            return (SystemdCredential.Label(Credential), SecretFile.ReadText(SystemdCredential.Label(Credential), credential, warn));
        if (Environment.GetEnvironmentVariable(Variable) is { } value)
            return ($"${Variable}", value.EndsWith('\n') ? value[..^1] : value);
        return null;
    }

    private static void WarnOfUrl(string? source, Action<string> warn) =>
        warn(
            source is null
                ? $"--upload holds a password, which every user of this machine can read in the list of processes: use {FileOption} and {UserOption}"
                : $"--upload holds a password, which every user of this machine can read in the list of processes. It is not used, {source} is: take it out of the URL"
        );
}
