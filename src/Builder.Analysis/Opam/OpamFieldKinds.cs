using System.Collections.Frozen;

namespace Builder.Analysis.Opam;

/// <summary>The fields that opam knows, and what each must look like to be read.</summary>
internal static class OpamFieldKinds
{
    private enum Kind
    {
        Any,
        Text,
        Texts,
        Idents,
        Formula,
        Filter,
        Commands,
        Bindings,
    }

    private static readonly FrozenDictionary<string, Kind> Kinds = new Dictionary<string, Kind>
    {
        [FormatVersion.FieldName] = Kind.Text,
        ["name"] = Kind.Text,
        ["version"] = Kind.Text,
        ["synopsis"] = Kind.Text,
        ["description"] = Kind.Text,
        ["descr"] = Kind.Text,
        ["dev-repo"] = Kind.Text,
        ["maintainer"] = Kind.Texts,
        ["authors"] = Kind.Texts,
        ["author"] = Kind.Texts,
        ["license"] = Kind.Texts,
        ["tags"] = Kind.Texts,
        ["homepage"] = Kind.Texts,
        ["doc"] = Kind.Texts,
        ["bug-reports"] = Kind.Texts,
        ["conflict-class"] = Kind.Texts,
        ["flags"] = Kind.Idents,
        ["depends"] = Kind.Formula,
        ["depopts"] = Kind.Formula,
        ["conflicts"] = Kind.Formula,
        ["available"] = Kind.Filter,
        ["build"] = Kind.Commands,
        ["run-test"] = Kind.Commands,
        ["build-test"] = Kind.Commands,
        ["build-doc"] = Kind.Commands,
        ["install"] = Kind.Commands,
        ["remove"] = Kind.Commands,
        ["setenv"] = Kind.Bindings,
        ["build-env"] = Kind.Bindings,
        ["substs"] = Kind.Any,
        ["patches"] = Kind.Any,
        ["features"] = Kind.Any,
        ["extra-files"] = Kind.Any,
        ["messages"] = Kind.Any,
        ["post-messages"] = Kind.Any,
        ["depexts"] = Kind.Any,
        ["libraries"] = Kind.Any,
        ["syntax"] = Kind.Any,
        ["pin-depends"] = Kind.Any,
        ["extra-sources"] = Kind.Any,
        ["ocaml-version"] = Kind.Any,
        ["os"] = Kind.Any,
        ["configure-style"] = Kind.Any,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why the field is dropped; null where it can be read.</summary>
    public static string? Problem(OpamItem.Field field)
    {
        if (field.Name.StartsWith("x-", StringComparison.Ordinal))
            return null;
        if (!Kinds.TryGetValue(field.Name, out var kind))
            return $"Field '{field.Name}' is not known to opam.";
        return IsReadable(kind, field.Value) ? null : $"Field '{field.Name}' cannot be read: {Expected(kind)} was expected.";
    }

    private static bool IsReadable(Kind kind, OpamValue value) =>
        kind switch
        {
            Kind.Text => value is OpamValue.Text,
            Kind.Texts => OpamShape.Texts(value) is not null,
            Kind.Idents => OpamShape.ListOfDepth(value, 1).All(element => element is OpamValue.Ident),
            Kind.Formula => OpamShape.FormulaNames(value) is not null,
            Kind.Filter => OpamShape.ListOfDepth(value, 1).All(element => element is not (OpamValue.List or OpamValue.Number)),
            Kind.Commands => OpamShape.ListOfDepth(value, 2).All(IsCommand),
            Kind.Bindings => Bindings(value).All(binding => binding is OpamValue.Environment or OpamValue.Relational { Operator: "=" }),
            _ => true,
        };

    private static string Expected(Kind kind) =>
        kind switch
        {
            Kind.Text => "a string",
            Kind.Texts => "a string, or a list of strings,",
            Kind.Idents => "an identifier, or a list of them,",
            Kind.Formula => "a formula over package names",
            Kind.Filter => "a filter",
            Kind.Commands => "a command, or a list of commands,",
            Kind.Bindings => "one or more of VARIABLE OPERATOR STRING",
            _ => "something else",
        };

    private static bool IsCommand(OpamValue command) =>
        (command is OpamValue.Option option ? option.Value : command) is OpamValue.List { Values: var arguments }
        && arguments.All(argument =>
            (argument is OpamValue.Option filtered ? filtered.Value : argument) is OpamValue.Text or OpamValue.Ident
        );

    /// <summary>Environment updates stand alone, in a list, or each in a list of its own.</summary>
    public static List<OpamValue> Bindings(OpamValue value)
    {
        var bindings = new List<OpamValue>();
        Add(value);
        return bindings;

        void Add(OpamValue part)
        {
            if (part is not OpamValue.List list)
                bindings.Add(part);
            else
                foreach (var inside in list.Values)
                    Add(inside);
        }
    }
}
