using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Opam;

/// <summary>The opam file of one package. Fields that cannot be read as what they should be count as absent and stand in <see cref="Problems"/>.</summary>
public sealed class OpamPackage
{
    private readonly Dictionary<string, OpamValue> fields = new(StringComparer.Ordinal);

    private OpamPackage(ImmutableArray<OpamItem> items)
    {
        Items = items;
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var field in items.OfType<OpamItem.Field>())
        {
            if (OpamFieldKinds.Problem(field) is { } problem)
                problems.Add(problem);
            else
                fields[field.Name] = field.Value;
        }
        Problems = problems.DrainToImmutable();
        Url = items.OfType<OpamItem.Section>().LastOrDefault(section => section is { Kind: "url", Name: null }) is { } url
            ? OpamSource.Read(url)
            : null;
        ExtraSources =
        [
            .. items
                .OfType<OpamItem.Section>()
                .Where(section => section is { Kind: "extra-source", Name: not null })
                .Select(section => (section.Name!.Value, OpamSource.Read(section))),
        ];
    }

    /// <summary>As it was written.</summary>
    public ImmutableArray<OpamItem> Items { get; }

    /// <summary>Fields that were dropped, and why, a sentence each.</summary>
    public ImmutableArray<string> Problems { get; }

    public OpamSource? Url { get; }

    public ImmutableArray<(OpamText Name, OpamSource Source)> ExtraSources { get; }

    public OpamText? Version => this["version"] is OpamValue.Text text ? text.Value : null;

    /// <summary>Without blanks around it.</summary>
    public string? Synopsis => Trimmed("synopsis");

    /// <summary>Without blanks around it.</summary>
    public string? Description => Trimmed("description");

    /// <summary>The names, filters and constraints left out.</summary>
    public ImmutableArray<OpamText> Depends => Names("depends");

    /// <inheritdoc cref="Depends"/>
    public ImmutableArray<OpamText> Depopts => Names("depopts");

    public ImmutableArray<string> Flags =>
        this["flags"] is { } flags ? [.. OpamShape.ListOfDepth(flags, 1).OfType<OpamValue.Ident>().Select(flag => flag.Name)] : [];

    /// <summary>The field, extensions (<c>x-…</c>) included; null where the file has none that can be read. Of several the last counts.</summary>
    public OpamValue? this[string field] => fields.GetValueOrDefault(field);

    internal IEnumerable<KeyValuePair<string, OpamValue>> Fields => fields;

    /// <summary>Fields, sections and values together: what printing it costs.</summary>
    internal int Size => OpamSize.Of(Items);

    /// <summary>A file of its own.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="OpamSyntaxException">It has no <c>opam-version</c>, or one that is too new.</exception>
    public static OpamPackage Read(OpamFile file, string name)
    {
        if (FormatVersion.Of(file) is not { } version)
            throw new OpamSyntaxException(name, 1, 1, $"{FormatVersion.FieldName} was expected");
        FormatVersion.Require(version, name);
        return new OpamPackage(file.Items);
    }

    /// <inheritdoc cref="Read(OpamFile, string)"/>
    public static bool TryRead(
        OpamFile file,
        string name,
        [NotNullWhen(true)] out OpamPackage? package,
        [NotNullWhen(false)] out OpamSyntaxException? error
    )
    {
        try
        {
            package = Read(file, name);
            error = null;
            return true;
        }
        catch (OpamSyntaxException exception)
        {
            package = null;
            error = exception;
            return false;
        }
    }

    /// <summary>A section of a switch export.</summary>
    public static OpamPackage Read(OpamItem.Section section) => new(section.Items);

    /// <summary>The file of its own that the section of a switch export stands for: with the name, after <c>opam-version</c>.</summary>
    public ReadOnlyMemory<byte> Print(OpamText name)
    {
        var after = Items.Index().FirstOrDefault(item => item.Item is OpamItem.Field { Name: FormatVersion.FieldName }, (-1, null!)).Index;
        var output = new ArrayBufferWriter<byte>(4096);
        OpamPrinter.Print(Items.Insert(after + 1, new OpamItem.Field("name", new OpamValue.Text(name))).AsSpan(), output);
        return output.WrittenMemory;
    }

    private string? Trimmed(string field) => this[field] is OpamValue.Text text ? text.Value.ToString().Trim() : null;

    private ImmutableArray<OpamText> Names(string field) => this[field] is { } value ? OpamShape.FormulaNames(value) ?? [] : [];
}
