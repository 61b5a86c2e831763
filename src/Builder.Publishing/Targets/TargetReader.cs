using System.Globalization;
using System.Net;
using Builder.Publishing.Outgoing;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Targets;

/// <summary>Reads one target of the file and checks it.</summary>
internal static class TargetReader
{
    private const int MaxName = 64;
    private const int MaxParallel = 16;

    private static readonly string[] Common = ["name", "type", "url", "url-file", "events", "jobs", "platforms", "allow-private"];

    private static readonly Dictionary<string, (TargetKind Kind, string[] Fields)> Types = new(StringComparer.Ordinal)
    {
        ["webhook"] = (TargetKind.Webhook, ["secret-file", "parallel"]),
        ["slack"] = (TargetKind.Slack, []),
        ["ntfy"] = (TargetKind.Ntfy, ["token-file"]),
        ["matrix"] = (TargetKind.Matrix, ["room", "token-file"]),
        ["mail"] = (TargetKind.Mail, ["from", "to", "user", "password-file", "list-id", "digest"]),
        ["github"] = (TargetKind.GitHub, ["token-file", "repositories"]),
        ["gitlab"] = (TargetKind.GitLab, ["token-file", "repositories"]),
        ["forgejo"] = (TargetKind.Forgejo, ["token-file", "repositories"]),
    };

    /// <returns>Null where a fault was noted.</returns>
    public static NotificationTarget? Read(string path, TargetFields fields)
    {
        var name = fields.Text("name");
        if (name is null || name.Length > MaxName || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            fields.Refuse("name", $"a target has a name of at most {MaxName} letters, digits, \"-\", \"_\" and \".\"");
        var type = fields.Text("type");
        if (type is null || !Types.TryGetValue(type, out var known))
        {
            var types = string.Join(", ", Types.Keys);
            fields.Refuse(
                "type",
                type is null ? $"the type is missing; use one of {types}" : $"type \"{type}\" is unknown; use one of {types}"
            );
            return null;
        }
        fields.AllowOnly([.. Common, .. known.Fields]);
        var address = ReadAddress(path, fields, known.Kind);
        if (name is null || address is null)
            return null;
        var target = new NotificationTarget(name, known.Kind, address, ReadFilter(fields, known.Kind))
        {
            Line = fields.Line,
            Networks = ReadNetworks(fields),
            Token = ReadToken(path, fields, known.Kind),
            Parallel = ReadParallel(fields),
        };
        return known.Kind switch
        {
            TargetKind.Webhook => target with { Secrets = ReadSecrets(path, fields) },
            TargetKind.Matrix => target with { Room = ReadRoom(fields) },
            TargetKind.Mail => MailFields.Read(fields, target),
            TargetKind.GitHub or TargetKind.GitLab or TargetKind.Forgejo => target with { Repositories = ReadRepositories(fields) },
            _ => target,
        };
    }

    /// <summary>Addresses of chats are secrets themselves, so they may be in a file of their own.</summary>
    private static Uri? ReadAddress(string path, TargetFields fields, TargetKind kind)
    {
        var text = fields.Text("url");
        if (fields.Has("url") && fields.Has("url-file"))
            fields.Refuse("url-file", "give url or url-file, not both");
        if (text is null && fields.Text("url-file") is { } file)
        {
            text = TargetSecret.Read(Beside(path, file), out var reason);
            if (text is null)
            {
                fields.Refuse("url-file", reason);
                return null;
            }
        }
        text ??= kind == TargetKind.GitHub ? "https://api.github.com" : null;
        var schemes = kind == TargetKind.Mail ? new[] { "smtp", "smtps" } : ["https", "http"];
        if (
            Uri.TryCreate(text, UriKind.Absolute, out var address)
            && schemes.Contains(address.Scheme)
            && address is { UserInfo: "", Fragment: "", Host.Length: > 0 }
        )
            return address;
        fields.Refuse(
            fields.Has("url-file") ? "url-file" : "url",
            kind == TargetKind.Mail
                ? "url names the mail server, such as smtps://mail.example.org or smtp://mail.example.org:587"
                : "url is an address such as https://example.org/hook, without user name, password and \"#\""
        );
        return null;
    }

    private static EventFilter ReadFilter(TargetFields fields, TargetKind kind)
    {
        var events = fields.Texts("events");
        foreach (var unknown in events.Where(one => !EventKind.All.Contains(one)))
            fields.Refuse("events", $"there is no event \"{unknown}\"; use {string.Join(", ", EventKind.All)}");
        if (events.Count == 0)
        {
            events = kind switch
            {
                TargetKind.Webhook => EventKind.All,
                TargetKind.GitHub or TargetKind.GitLab or TargetKind.Forgejo => [EventKind.BuildStored],
                _ => EventKind.ForPeople,
            };
        }
        return new EventFilter(events, fields.Texts("jobs"), fields.Texts("platforms"));
    }

    private static AllowedNetworks ReadNetworks(TargetFields fields)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in fields.Texts("allow-private"))
        {
            if (AllowedNetworks.TryParse(text, out var network))
                networks.Add(network);
            else
                fields.Refuse("allow-private", $"\"{text}\" is not an address such as 10.0.0.7 or a network such as 10.0.0.0/8");
        }
        return new AllowedNetworks(networks);
    }

    private static List<byte[]> ReadSecrets(string path, TargetFields fields)
    {
        var keys = new List<byte[]>();
        foreach (var file in fields.Texts("secret-file"))
        {
            if (TargetSecret.ReadKey(Beside(path, file), out var reason) is { } key)
                keys.Add(key);
            else
                fields.Refuse("secret-file", reason);
        }
        if (!fields.Has("secret-file"))
            fields.Refuse("name", "a webhook has a secret-file, with which its messages are signed");
        return keys;
    }

    private static string? ReadToken(string path, TargetFields fields, TargetKind kind)
    {
        var name = kind == TargetKind.Mail ? "password-file" : "token-file";
        if (fields.Text(name) is { } file)
        {
            var token = TargetSecret.Read(Beside(path, file), out var reason);
            if (token is null)
                fields.Refuse(name, reason);
            return token;
        }
        if (kind is TargetKind.Matrix or TargetKind.GitHub or TargetKind.GitLab or TargetKind.Forgejo)
            fields.Refuse("name", "the target has no token-file, the name of a file with an access token");
        return null;
    }

    private static int ReadParallel(TargetFields fields)
    {
        if (fields.Text("parallel") is not { } text)
            return 1;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxParallel)
            return number;
        fields.Refuse("parallel", $"parallel is a number from 1 to {MaxParallel}");
        return 1;
    }

    private static string? ReadRoom(TargetFields fields)
    {
        if (fields.Text("room") is ['!', .., _] room)
            return room;
        fields.Refuse("room", "room is the id of a room, such as \"!abcdef:example.org\"; clients show it in the room's settings");
        return null;
    }

    private static List<AllowedRepository> ReadRepositories(TargetFields fields)
    {
        var allowed = new List<AllowedRepository>();
        foreach (var (jobs, repository) in fields.Pairs("repositories"))
        {
            if (
                repository.Split('/') is { Length: >= 2 } parts
                && parts.All(static part => part.Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                && parts.All(static part => part is not ("." or ".."))
            )
                allowed.Add(new AllowedRepository(jobs, repository));
            else
                fields.Refuse("repositories", $"\"{repository}\" is not a repository such as owner/name");
        }
        if (allowed.Count == 0)
            fields.Refuse("repositories", "repositories names who may speak about what, such as {\"hello-*\": owner/name}");
        return allowed;
    }

    /// <summary>Files are named relative to the configuration.</summary>
    internal static string Beside(string path, string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file);
}
