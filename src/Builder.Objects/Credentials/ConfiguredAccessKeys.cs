namespace Builder.Objects.Credentials;

/// <summary>
/// Keys where the AWS SDK looks for them: <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and <c>AWS_SESSION_TOKEN</c>, else the profile
/// <c>AWS_PROFILE</c> (<c>default</c>) of the file <c>AWS_SHARED_CREDENTIALS_FILE</c> (<c>~/.aws/credentials</c>), which is read again when it changes.
/// </summary>
public sealed class ConfiguredAccessKeys(Func<string, string?> environment) : IAccessKeys
{
    private const int MaxFileLength = 1 << 20;

    private readonly Lock reading = new();
    private (DateTime Written, long Length, AccessKey Key)? known;

    public AccessKey Current()
    {
        if (Value("AWS_ACCESS_KEY_ID") is { } id)
        {
            return Value("AWS_SECRET_ACCESS_KEY") is { } secret
                ? new AccessKey(id, secret, Value("AWS_SESSION_TOKEN"))
                : throw new AccessKeyMissingException("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
        }
        var path = Value("AWS_SHARED_CREDENTIALS_FILE") ?? (Value("HOME") is { } home ? Path.Combine(home, ".aws", "credentials") : null);
        if (path is null || !File.Exists(path))
            throw new AccessKeyMissingException(
                $"no access key for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to {path ?? "the file that AWS_SHARED_CREDENTIALS_FILE names"}"
            );
        lock (reading)
            return OfFile(path);
    }

    private string? Value(string name) => environment(name) is { Length: > 0 } value ? value : null;

    private AccessKey OfFile(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (known is { } one && one.Written == file.LastWriteTimeUtc && one.Length == file.Length)
                return one.Key;
            if (file.Length > MaxFileLength)
                throw new AccessKeyMissingException($"{path} has more than {MaxFileLength} bytes: that is no file of credentials");
            var key = ReadProfile(path, File.ReadAllLines(path), Value("AWS_PROFILE") ?? "default");
            known = (file.LastWriteTimeUtc, file.Length, key);
            return key;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AccessKeyMissingException($"cannot read the access key: {exception.Message}", exception);
        }
    }

    private static AccessKey ReadProfile(string path, string[] lines, string profile)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var isProfile = false;
        foreach (var line in lines.Select(static line => line.Trim()))
        {
            if (line.StartsWith('[') && line.EndsWith(']'))
                isProfile = line[1..^1].Trim() == profile;
            else if (isProfile && !line.StartsWith('#') && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                values[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }
        return
            values.GetValueOrDefault("aws_access_key_id") is { Length: > 0 } id
            && values.GetValueOrDefault("aws_secret_access_key") is { Length: > 0 } secret
            ? new AccessKey(id, secret, values.GetValueOrDefault("aws_session_token") is { Length: > 0 } token ? token : null)
            : throw new AccessKeyMissingException(
                $"{path} has no aws_access_key_id and aws_secret_access_key in [{profile}]; AWS_PROFILE names another profile"
            );
    }
}
