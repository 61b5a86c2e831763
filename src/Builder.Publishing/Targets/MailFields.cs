using Builder.Protocol.Text;

namespace Builder.Publishing.Targets;

/// <summary>What only targets of mail have.</summary>
internal static class MailFields
{
    private static readonly TimeSpan MinDigest = TimeSpan.FromMinutes(1);

    public static NotificationTarget Read(TargetFields fields, NotificationTarget target)
    {
        var from = fields.Text("from");
        if (from is null || !IsAddress(from))
            fields.Refuse("from", "from is the address that mail is sent by, such as builder@example.org");
        var recipients = fields.Texts("to");
        if (recipients.Count == 0)
            fields.Refuse("to", "to is a list of addresses, such as [operators@example.org]");
        foreach (var wrong in recipients.Where(static one => !IsAddress(one)))
            fields.Refuse("to", $"\"{wrong}\" is not an address such as operators@example.org");
        var user = fields.Text("user");
        if (user is not null != target.Token is not null)
            fields.Refuse("user", "give user and password-file together");
        var list = fields.Text("list-id");
        if (list is not null && !(list.Contains('.', StringComparison.Ordinal) && list.All(IsOfDomain)))
            fields.Refuse("list-id", "list-id is like a host name, such as builds.example.org");
        return target with { From = from, Recipients = recipients, User = user, ListId = list, Digest = ReadDigest(fields) };
    }

    private static TimeSpan? ReadDigest(TargetFields fields)
    {
        if (fields.Text("digest") is not { } text)
            return null;
        if (DurationText.TryParse(text, out var digest) && digest >= MinDigest)
            return digest;
        fields.Refuse("digest", "digest is a time such as 30m, 6h or 1d");
        return null;
    }

    /// <summary>Plain addresses alone: no names, comments or quotes.</summary>
    private static bool IsAddress(string text) =>
        text.Split('@') is [{ Length: > 0 } local, { Length: > 0 } domain]
        && local.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal))
        && domain.All(IsOfDomain);

    private static bool IsOfDomain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.';
}
