using System.Diagnostics.CodeAnalysis;

namespace Builder.Storage.Accounts;

/// <summary>Roles as they are written.</summary>
public static class AccountRoles
{
    public static IReadOnlyList<string> Names { get; } = ["uploader", "operator", "admin"];

    public static string NameOf(AccountRole role) => Names[(int)role];

    public static bool TryParse([NotNullWhen(true)] string? text, out AccountRole role)
    {
        for (var number = 0; number < Names.Count; number++)
        {
            if (Names[number] != text)
                continue;
            role = (AccountRole)number;
            return true;
        }
        role = AccountRole.Uploader;
        return false;
    }

    /// <summary>As the tables have it; a role that is not known gives no more than an upload.</summary>
    internal static AccountRole Read(string? text) => TryParse(text, out var role) ? role : AccountRole.Uploader;
}
