using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>How a MirageOS unikernel is prepared before it is built: fields of its opam file that only orb reads.</summary>
/// <param name="Configure"><c>x-mirage-configure</c>: a command, as its words.</param>
/// <param name="PreBuild"><c>x-mirage-pre-build</c>: a command, as its words.</param>
/// <param name="ExtraRepositories"><c>x-mirage-extra-repo</c>: name and URL of each.</param>
/// <param name="LockFile"><c>x-mirage-opam-lock-location</c>: the file, below the sources, that names what is vendored; null where it is missing.</param>
public sealed record MirageFields(
    ImmutableArray<string> Configure,
    ImmutableArray<string> PreBuild,
    ImmutableArray<(string Name, string Url)> ExtraRepositories,
    string? LockFile
)
{
    public const string Vendored = "x-opam-monorepo-duniverse-dirs";
    public const string Dependencies = "x-orb-dependencies";

    private const string Make = "make";

    /// <returns>Null for a package that is no unikernel: it lacks one of the two commands.</returns>
    public static MirageFields? Of(OpamPackage package) =>
        (Command(package["x-mirage-configure"]), Command(package["x-mirage-pre-build"])) is ({ } configure, { } preBuild)
            ? new MirageFields(
                configure,
                preBuild,
                package["x-mirage-extra-repo"] is { } repositories
                    ? [.. OpamShape.Entries(repositories).Select(Pair).OfType<(string, string)>()]
                    : [],
                package["x-mirage-opam-lock-location"] is OpamValue.Text file ? file.Value.ToString() : null
            )
            : null;

    /// <summary>The same opam file with these fields, each in place of one that is there.</summary>
    public static ImmutableArray<OpamItem> With(ImmutableArray<OpamItem> items, params ReadOnlySpan<OpamItem.Field> fields)
    {
        foreach (var field in fields)
        {
            items = items.RemoveAll(item => item is OpamItem.Field other && other.Name == field.Name);
            // Fields stand before sections.
            var section = items
                .Select((item, index) => (item, index))
                .FirstOrDefault(pair => pair.item is OpamItem.Section, (null!, items.Length));
            items = items.Insert(section.index, field);
        }
        return items;
    }

    /// <summary>Strings, and the variable <c>make</c>; null where it is no such command.</summary>
    private static ImmutableArray<string>? Command(OpamValue? value)
    {
        if (value is null)
            return null;
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (var word in OpamShape.ListOfDepth(value, 1))
        {
            switch (word)
            {
                case OpamValue.Text text:
                    words.Add(text.Value.ToString());
                    break;
                case OpamValue.Ident { Name: Make }:
                    words.Add(Make);
                    break;
                default:
                    return null;
            }
        }
        return words.Count > 0 ? words.DrainToImmutable() : null;
    }

    private static (string, string)? Pair(OpamValue value) =>
        OpamShape.Texts(value) is [var name, var url] ? (name.ToString(), url.ToString()) : null;
}
