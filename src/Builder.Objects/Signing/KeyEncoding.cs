using System.Text;

namespace Builder.Objects.Signing;

/// <summary>Percent encoding as signatures want it: UTF-8, upper case hex, all but <c>A-Z a-z 0-9 - . _ ~</c>.</summary>
public static class KeyEncoding
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /// <summary>A value of a query: <c>/</c> is encoded too.</summary>
    public static string Encode(string value) => Encode(value, keepsSlash: false);

    /// <summary>A key as the path of a request: <c>/</c> stays.</summary>
    public static string EncodePath(string key) => Encode(key, keepsSlash: true);

    private static string Encode(string value, bool keepsSlash)
    {
        var text = new StringBuilder(value.Length + 16);
        foreach (var one in Encoding.UTF8.GetBytes(value))
        {
            if (Unreserved.Contains((char)one, StringComparison.Ordinal) || (keepsSlash && one == '/'))
                text.Append((char)one);
            else
                text.Append('%').Append(Convert.ToHexString([one]));
        }
        return text.ToString();
    }
}
