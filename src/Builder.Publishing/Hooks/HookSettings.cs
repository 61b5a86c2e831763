using System.Globalization;
using Builder.Publishing.Files;

namespace Builder.Publishing.Hooks;

/// <summary>
/// Where hooks are and what bounds them. The folders are <c>upload-hooks</c> and <c>failure-hooks</c> of the configuration
/// directory; <c>hooks.conf</c> there may set <c>at-once</c> and <c>time-limit-minutes</c>.
/// </summary>
/// <param name="AtOnce">So many run at once, at most.</param>
/// <param name="TimeLimit">One that takes longer is killed with all that it started.</param>
public sealed record HookSettings(string ConfigDirectory, int AtOnce, TimeSpan TimeLimit)
{
    public string UploadHooks => Path.Combine(ConfigDirectory, "upload-hooks");

    public string FailureHooks => Path.Combine(ConfigDirectory, "failure-hooks");

    /// <exception cref="RepositoryException">The settings are wrong; all errors at once.</exception>
    public static HookSettings Load(string configDirectory)
    {
        var settings = new HookSettings(configDirectory, AtOnce: 2, TimeSpan.FromHours(1));
        var path = Path.Combine(configDirectory, "hooks.conf");
        if (!File.Exists(path))
            return settings;
        var errors = new List<string>();
        foreach (var (number, line) in File.ReadAllLines(path).Index())
        {
            if (line.Trim() is not { Length: > 0 } text || text.StartsWith('#'))
                continue;
            var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
            var value =
                parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
            switch (parts[0])
            {
                case "at-once" when value is > 0 and <= 64:
                    settings = settings with { AtOnce = value };
                    break;
                case "time-limit-minutes" when value is > 0 and <= 100_000:
                    settings = settings with { TimeLimit = TimeSpan.FromMinutes(value) };
                    break;
                default:
                    errors.Add($"{path}:{number + 1}: \"{text}\" is neither \"at-once = 1…64\" nor \"time-limit-minutes = 1…100000\"");
                    break;
            }
        }
        return errors.Count == 0 ? settings : throw new RepositoryException(string.Join('\n', errors));
    }

    /// <summary>The executable regular files <c>*.sh</c> of a folder, sorted. Links to such files count: that is how packages ship them.</summary>
    public static IReadOnlyList<string> Scripts(string folder) =>
        Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(folder, "*.sh")
                    .Where(IsRunnable)
                    .Select(path => Path.GetFileName(path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    public static bool IsRunnable(string path)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true);
        return target is FileInfo { Exists: true }
            && (target.UnixFileMode & Execute) != 0
            && (target.Attributes & FileAttributes.Device) == 0;
    }
}
