using Builder.Publishing.Options;

namespace Builder.Web.Repositories;

/// <summary>The lines that a user copies to have a repository and a package of it.</summary>
public static class InstallText
{
    /// <param name="branch">Distribution, or ABI.</param>
    /// <param name="package">Null: the repository alone.</param>
    public static string For(RepositoryKind kind, string origin, string branch, string? package) =>
        kind == RepositoryKind.Debian ? Debian(origin, branch, package) : FreeBsd(origin, package);

    private static string Debian(string origin, string distribution, string? package)
    {
        var name = Name(origin);
        var install = package is null ? "" : $"\nsudo apt-get install {package}";
        return $"""
            sudo install -d -m 755 /etc/apt/keyrings
            curl -fsSL {origin}/apt/key.asc | sudo tee /etc/apt/keyrings/{name}.asc >/dev/null
            echo "deb [signed-by=/etc/apt/keyrings/{name}.asc] {origin}/apt {distribution} main" | sudo tee /etc/apt/sources.list.d/{name}.list
            sudo apt-get update{install}
            """;
    }

    private static string FreeBsd(string origin, string? package)
    {
        var name = Name(origin);
        var install = package is null ? "" : $"\npkg install -r {name} {package}";
        var folder = $"/usr/local/etc/pkg/fingerprints/{name}";
        return $"""
            mkdir -p {folder}/trusted {folder}/revoked /usr/local/etc/pkg/repos
            fetch -o {folder}/trusted/ {origin}/pkg/fingerprint
            echo '{name}: {"{"} url: "{origin}/pkg/${"{"}ABI{"}"}", signature_type: fingerprints, fingerprints: "{folder}", enabled: yes {"}"}' > /usr/local/etc/pkg/repos/{name}.conf
            pkg update -r {name}{install}
            """;
    }

    /// <summary>The host's name with nothing in it but what file names and pkg's configuration take.</summary>
    private static string Name(string origin) => new([.. new Uri(origin).Host.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
}
