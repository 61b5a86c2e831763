using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>Where a package's source, or an extra file, is fetched from; null where the file does not say.</summary>
public sealed record OpamSource(OpamText? Url, ImmutableArray<OpamHash> Checksums)
{
    internal static OpamSource Read(OpamItem.Section section)
    {
        OpamText? url = null;
        ImmutableArray<OpamHash> checksums = [];
        foreach (var field in section.Items.OfType<OpamItem.Field>())
        {
            if (field is { Name: "src" or "archive" or "http" or "git", Value: OpamValue.Text text })
                url ??= text.Value;
            else if (field.Name == "checksum" && OpamShape.Texts(field.Value) is { } texts)
                checksums = [.. texts.Select(OpamHash.TryParse).OfType<OpamHash>()];
        }
        return new OpamSource(url, checksums);
    }
}
