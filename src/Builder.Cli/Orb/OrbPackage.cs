using System.Diagnostics.CodeAnalysis;
using Builder.Analysis.Opam;

namespace Builder.Cli.Orb;

/// <summary>What is asked for: a package, of any version or of exactly one.</summary>
internal sealed record OrbPackage(string Name, string? Version)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out OrbPackage? package)
    {
        // A letter at least is a name; PackageId wants a version too.
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? text : text[..dot];
        var isPackage = name.Length > 0 && name[0] != '-' && PackageId.TryParse(OpamText.FromUtf8(dot < 0 ? $"{text}.0" : text), out _);
        isPackage &= text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '.' or '~' or ':');
        package = isPackage ? new OrbPackage(name, dot < 0 ? null : text[(dot + 1)..]) : null;
        return isPackage;
    }

    /// <summary>As opam takes it.</summary>
    public override string ToString() => Version is null ? Name : $"{Name}.{Version}";
}
