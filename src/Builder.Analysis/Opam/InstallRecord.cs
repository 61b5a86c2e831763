using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>
/// Opam's own record of what a package's installation changed: <c>SWITCH/.opam-switch/install/PACKAGE.changes</c>, which becomes the artifact
/// <c>PACKAGE.build-hashes</c>.
/// </summary>
public static class InstallRecord
{
    private const string Added = "added";

    /// <returns>What was added, in the order of the record.</returns>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="OpamSyntaxException">Not such a record.</exception>
    public static ImmutableArray<InstalledFile> Parse(ReadOnlyMemory<byte> source, string name)
    {
        if (OpamFile.Parse(source, name).Items.OfType<OpamItem.Field>().FirstOrDefault(field => field.Name == Added) is not { } added)
            return [];
        var values = added.Value is OpamValue.List list ? list.Values : [added.Value];
        return [.. values.Select(value => Read(value, name))];
    }

    private static InstalledFile Read(OpamValue value, string name)
    {
        if (value is not OpamValue.Option { Value: OpamValue.Text path, Options: [OpamValue.Text digest] })
            throw new OpamSyntaxException(name, 1, 1, $"\"{Added}\" lists \"PATH\" {{\"KIND:DIGEST\"}}");
        var text = digest.Value.ToString();
        return new InstalledFile(
            path.Value.ToString(),
            text.Length == 0
                ? InstalledFileKind.Other
                : text[0] switch
                {
                    'F' => InstalledFileKind.File,
                    'D' => InstalledFileKind.Directory,
                    'L' => InstalledFileKind.Link,
                    _ => InstalledFileKind.Other,
                },
            text.Length > 2 ? text[2..] : ""
        );
    }
}
