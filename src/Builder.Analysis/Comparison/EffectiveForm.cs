using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Comparison;

/// <summary>
/// What of an opam file can change what is built. Two files are effectively equal when these are equal by structure: fields that inform people
/// are dropped, brackets that may be left out are put in, and of sources only what identifies their content counts.
/// </summary>
internal static class EffectiveForm
{
    private static readonly HashSet<string> Irrelevant =
    [
        "opam-version",
        "synopsis",
        "description",
        "descr",
        "maintainer",
        "authors",
        "author",
        "license",
        "tags",
        "homepage",
        "doc",
        "bug-reports",
        "messages",
        "post-messages",
        "depexts",
        "libraries",
        "syntax",
        "dev-repo",
        "pin-depends",
        "configure-style",
    ];

    public static bool AreEqual(OpamPackage left, OpamPackage right) => Of(left).SequenceEqual(Of(right));

    private static List<OpamItem> Of(OpamPackage package)
    {
        var fields = new SortedDictionary<string, OpamItem>(StringComparer.Ordinal);
        foreach (var (name, value) in package.Fields.Where(field => IsRelevant(field.Key)))
            fields.Add(name, new OpamItem.Field(name, new OpamValue.List(Elements(name, value))));
        MergeTests(fields);
        foreach (
            var name in fields
                .Where(field => field.Value is OpamItem.Field { Value: OpamValue.List { Values: [] } })
                .Select(field => field.Key)
                .ToList()
        )
            fields.Remove(name);

        List<OpamItem> form = [.. fields.Values];
        if (package.Url is { } url)
            form.Add(Source("url", null, url));
        form.AddRange(package.ExtraSources.Select(extra => Source("extra-source", extra.Name, extra.Source)));
        return form;
    }

    private static bool IsRelevant(string field) =>
        field.StartsWith("x-", StringComparison.Ordinal) ? field == "x-env-path-rewrite" : !Irrelevant.Contains(field);

    private static ImmutableArray<OpamValue> Elements(string field, OpamValue value) =>
        field switch
        {
            "flags" => [.. OpamShape.ListOfDepth(value, 1).Where(flag => flag is OpamValue.Ident { Name: "plugin" })],
            "build" or "run-test" or "build-test" or "build-doc" or "install" or "remove" =>
            [
                .. OpamShape.ListOfDepth(value, 2).Where(command => !IsEmptyCommand(command)).Select(Filtered),
            ],
            "available" => [.. OpamShape.ListOfDepth(value, 1).Select(WithoutGroups)],
            "setenv" or "build-env" => [.. OpamFieldKinds.Bindings(value)],
            "extra-files" or "extra-sources" => OpamShape.ListOfDepth(value, 2),
            "substs" or "patches" => [.. OpamShape.ListOfDepth(value, 1).Select(Filtered)],
            "depends" or "depopts" or "conflicts" => [.. OpamShape.ListOfDepth(value, 1).Select(WithoutEmptyOptions)],
            "x-env-path-rewrite" => [value],
            _ => OpamShape.ListOfDepth(value, 1),
        };

    private static bool IsEmptyCommand(OpamValue command) =>
        (command is OpamValue.Option option ? option.Value : command) is OpamValue.List { Values: [] };

    private static void MergeTests(SortedDictionary<string, OpamItem> fields)
    {
        if (!fields.Remove("build-test", out var old))
            return;
        var tests = fields.TryGetValue("run-test", out var current) ? Commands(current) : [];
        fields["run-test"] = new OpamItem.Field("run-test", new OpamValue.List([.. Commands(old), .. tests]));
    }

    private static ImmutableArray<OpamValue> Commands(OpamItem item) => ((OpamValue.List)((OpamItem.Field)item).Value).Values;

    // A filter behind a command or argument: parentheses only group there, and {} says nothing.
    private static OpamValue Filtered(OpamValue value) =>
        value switch
        {
            OpamValue.List list => new OpamValue.List([.. list.Values.Select(Filtered)]),
            OpamValue.Option { Options: [] } option => Filtered(option.Value),
            OpamValue.Option option => new OpamValue.Option(Filtered(option.Value), [.. option.Options.Select(WithoutGroups)]),
            _ => value,
        };

    private static OpamValue WithoutGroups(OpamValue value) =>
        value switch
        {
            OpamValue.Group { Values: [var only] } => WithoutGroups(only),
            OpamValue.Logical logical => logical.Select(WithoutGroups),
            OpamValue.Prefix prefix => new OpamValue.Prefix(prefix.Operator, WithoutGroups(prefix.Argument)),
            _ => value,
        };

    private static OpamValue WithoutEmptyOptions(OpamValue value) =>
        value switch
        {
            OpamValue.Option { Options: [] } option => WithoutEmptyOptions(option.Value),
            OpamValue.Group group => new OpamValue.Group([.. group.Values.Select(WithoutEmptyOptions)]),
            OpamValue.Logical logical => logical.Select(WithoutEmptyOptions),
            _ => value,
        };

    // The first checksum says which bytes; without one only the address does.
    private static OpamItem.Section Source(string kind, OpamText? name, OpamSource source)
    {
        OpamItem identity = source.Checksums is [var first, ..]
            ? new OpamItem.Field("checksum", new OpamValue.Text(OpamText.FromUtf8(first.ToString())))
            : new OpamItem.Field("src", new OpamValue.Text(source.Url ?? default));
        return new OpamItem.Section(kind, name, [identity]);
    }
}
