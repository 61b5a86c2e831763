using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Opam;

/// <summary>Where opam files come from.</summary>
public sealed record OpamRepository(string Name, string Url)
{
    public static OpamRepository Default { get; } = new("default", "https://opam.ocaml.org");

    /// <summary>Reads <c>NAME:URL,NAME:URL</c>, in order of precedence.</summary>
    public static bool TryParseList(string text, out ImmutableArray<OpamRepository> repositories, [NotNullWhen(false)] out string? reason)
    {
        var list = ImmutableArray.CreateBuilder<OpamRepository>();
        repositories = [];
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon == part.Length - 1)
            {
                reason = $"\"{part}\" is not NAME:URL such as default:https://opam.ocaml.org";
                return false;
            }
            var name = part[..colon];
            if (!name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '.') || name[0] is '-' or '.')
            {
                reason = $"\"{name}\" is not the name of a repository: letters, digits, - and _ are allowed";
                return false;
            }
            if (list.Any(other => other.Name == name))
            {
                reason = $"there are two repositories named \"{name}\"";
                return false;
            }
            var url = part[(colon + 1)..];
            if (url[0] == '-')
            {
                reason = $"\"{url}\" is not a URL or a directory";
                return false;
            }
            list.Add(new OpamRepository(name, url));
        }
        repositories = list.DrainToImmutable();
        reason = null;
        return true;
    }
}
