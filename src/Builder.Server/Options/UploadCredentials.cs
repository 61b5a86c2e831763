using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Builder.Server.Options;

/// <summary>User and password of uploads, sent as RFC 7617 says. The text of this object never shows the password.</summary>
public sealed class UploadCredentials
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string password;

    /// <exception cref="ArgumentException">One of the two cannot be sent; the message says why, without the password.</exception>
    public UploadCredentials(string user, string password)
    {
        if (ProblemOfUser(user) is { } problem)
            throw new ArgumentException(problem);
        if (ProblemOfPassword(password) is { } reason)
            throw new ArgumentException($"the password of \"{user}\" {reason}");
        User = user;
        this.password = password;
    }

    public string User { get; }

    internal AuthenticationHeaderValue Header => new("Basic", Convert.ToBase64String(StrictUtf8.GetBytes($"{User}:{password}")));

    /// <returns>Why this cannot be a user's name, or null.</returns>
    public static string? ProblemOfUser(string user) =>
        user.Length == 0 ? "the user is empty"
        : user.Contains(':', StringComparison.Ordinal) ? $"the user \"{user}\" contains a colon, which separates user and password"
        : HasNoMeaning(user) ? "the user contains control characters or is not UTF-8"
        : null;

    /// <returns>Why this cannot be a password, in words that follow "the password", or null.</returns>
    public static string? ProblemOfPassword(string password) =>
        password.Length == 0 ? "is empty"
        : password.Contains('\n', StringComparison.Ordinal) ? "has more than one line"
        : HasNoMeaning(password) ? "contains control characters or is not UTF-8"
        : null;

    /// <summary>What a URL holds before its host, each part unescaped by itself; null for a part that is not there.</summary>
    /// <exception cref="FormatException">What is unescaped is not UTF-8.</exception>
    public static (string? User, string? Password) Of(Uri url)
    {
        if (url.UserInfo.Length == 0)
            return (null, null);
        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (Unescape(url.UserInfo), null) : (Unescape(url.UserInfo[..colon]), Unescape(url.UserInfo[(colon + 1)..]));
    }

    public override string ToString() => User;

    /// <summary>U+FFFD is what .NET puts in the place of bytes that are not UTF-8.</summary>
    private static bool HasNoMeaning(string text) => text.Any(static c => char.IsControl(c) || c == '\uFFFD') || !IsUtf16(text);

    private static bool IsUtf16(string text)
    {
        try
        {
            _ = StrictUtf8.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <summary><c>%XX</c> are bytes of UTF-8. A percent sign that two digits do not follow stands for itself.</summary>
    private static string Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (
                text[index] == '%'
                && index + 2 < text.Length
                && byte.TryParse(text.AsSpan(index + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            )
            {
                bytes.Add(value);
                index += 2;
                continue;
            }
            var length = char.IsSurrogatePair(text, index) ? 2 : 1;
            bytes.AddRange(StrictUtf8.GetBytes(text.Substring(index, length)));
            index += length - 1;
        }
        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException("user and password of the URL are not UTF-8", exception);
        }
    }
}
