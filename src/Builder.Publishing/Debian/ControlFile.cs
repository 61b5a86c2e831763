using System.Text;
using System.Text.RegularExpressions;
using Builder.Publishing.Archives;

namespace Builder.Publishing.Debian;

/// <summary>
/// The control file of a binary package: one paragraph of fields. It is read strictly, because its lines go into the index
/// that every client reads: nothing in it may look like the start of another paragraph.
/// </summary>
internal sealed partial class ControlFile
{
    private readonly List<Field> fields;
    private readonly byte[] content;

    private ControlFile(byte[] content, List<Field> fields) => (this.content, this.fields) = (content, fields);

    /// <summary>Name, the value of its lines as they stand (without the name and the last newline), and its place in the file.</summary>
    internal sealed record Field(string Name, string Value, int Start, int End);

    public IReadOnlyList<Field> Fields => fields;

    public string Package => Required("Package");

    public string Version => Required("Version");

    public string Architecture => Required("Architecture");

    /// <exception cref="PackageException">Not such a file, or a field is missing or malformed.</exception>
    public static ControlFile Parse(byte[] content)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw new PackageException("the control file is not UTF-8");
        }
        if (!text.EndsWith('\n'))
            throw new PackageException("the control file does not end with a newline: dpkg refuses it");
        var file = new ControlFile(content, []);
        file.ReadFields(text);
        file.CheckFields();
        return file;
    }

    /// <summary>The packages that a relation field names; none where the field is missing or empty.</summary>
    public IReadOnlyList<Relation> Relations(string field) => RelationField.Parse(field, Value(field) ?? "");

    public string? Value(string name) => ControlFields.Find(fields, name);

    /// <summary>The same file with another version: no other byte changes.</summary>
    public byte[] WithVersion(string version)
    {
        var field = fields.Find(field => Is(field, "Version"))!;
        var line = Encoding.UTF8.GetBytes($"{field.Name}: {version}\n");
        return [.. content.AsSpan(0, field.Start), .. line, .. content.AsSpan(field.End)];
    }

    private void ReadFields(string text)
    {
        var offset = 0;
        var ended = false;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            var end = offset + Encoding.UTF8.GetByteCount(line) + 1;
            if (line.Any(c => char.IsControl(c) && c != '\t'))
                throw new PackageException("the control file holds control characters");
            if (ended)
                throw new PackageException("the control file has more than one paragraph");
            if (line.Length == 0)
                ended = true;
            else if (line[0] is ' ' or '\t')
                Continue(line, Math.Min(end, content.Length));
            else
                fields.Add(Begin(line, offset, Math.Min(end, content.Length)));
            offset = end;
        }
    }

    private void Continue(string line, int end)
    {
        if (string.IsNullOrWhiteSpace(line) || fields.Count == 0)
            throw new PackageException("the control file has a line of spaces, or a continuation of nothing");
        var last = fields[^1];
        fields[^1] = last with { Value = $"{last.Value}\n{line}", End = end };
    }

    private Field Begin(string line, int start, int end)
    {
        var match = FieldLine().Match(line);
        if (!match.Success)
            throw new PackageException($"the control file has a line that is no field: \"{Short(line)}\"");
        var name = match.Groups[1].Value;
        if (fields.Exists(field => Is(field, name)))
            throw new PackageException($"the control file has the field {name} twice");
        return new Field(name, match.Groups[2].Value.Trim(' ', '\t'), start, end);
    }

    private void CheckFields()
    {
        if (!PackageName().IsMatch(Package))
            throw new PackageException(
                $"\"{Short(Package)}\" is not a package name: 2 to 100 of a-z 0-9 + - . and the first a letter or digit"
            );
        if (!ArchitectureName().IsMatch(Architecture))
            throw new PackageException($"\"{Short(Architecture)}\" is not an architecture");
        _ = Version;
        _ = Required("Maintainer");
        _ = Required("Description");
        ControlFields.Check(fields);
    }

    private string Required(string name)
    {
        var value = Value(name);
        return string.IsNullOrEmpty(value) ? throw new PackageException($"the control file has no field {name}") : value;
    }

    private static bool Is(Field field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    internal static string Short(string text) => text.Length <= 80 ? text : $"{text[..80]}…";

    /// <summary>dpkg refuses names of one character.</summary>
    [GeneratedRegex(@"\A([!""$-,.-9;-~][!-9;-~]+):(.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]{1,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PackageName();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ArchitectureName();
}
