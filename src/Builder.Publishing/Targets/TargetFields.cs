using YamlDotNet.RepresentationModel;

namespace Builder.Publishing.Targets;

/// <summary>The fields of one target in the file, each with its line. Faults are collected, so that one reading tells all of them.</summary>
internal sealed class TargetFields
{
    private readonly Dictionary<string, YamlNode> values = new(StringComparer.Ordinal);
    private readonly YamlNode target;
    private readonly string path;
    private readonly List<string> faults;

    public TargetFields(string path, YamlNode target, List<string> faults)
    {
        (this.path, this.target, this.faults) = (path, target, faults);
        if (target is not YamlMappingNode fields)
        {
            Refuse(target, "a target is a mapping with name, type and url");
            return;
        }
        foreach (var (key, value) in fields.Children)
        {
            if (key is YamlScalarNode { Value: { } name })
                values[name] = value;
            else
                Refuse(key, "a field's name is plain text");
        }
    }

    public long Line => target.Start.Line;

    public bool Has(string name) => values.ContainsKey(name);

    public string? Text(string name)
    {
        if (!values.TryGetValue(name, out var value))
            return null;
        if (value is YamlScalarNode { Value: { Length: > 0 } text })
            return text;
        Refuse(name, $"{name} is one text");
        return null;
    }

    /// <summary>One text or a list of them.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (!values.TryGetValue(name, out var value))
            return [];
        var texts = new List<string>();
        foreach (var node in value is YamlSequenceNode list ? list.Children : [value])
        {
            if (node is YamlScalarNode { Value: { Length: > 0 } text })
                texts.Add(text);
            else
                Refuse(node, $"{name} is a list of texts");
        }
        if (texts.Count == 0)
            Refuse(name, $"{name} is empty: leave it out, or name what is meant");
        return texts;
    }

    public IEnumerable<(string Key, string Value)> Pairs(string name)
    {
        if (!values.TryGetValue(name, out var value))
            yield break;
        if (value is not YamlMappingNode pairs)
        {
            Refuse(name, $"{name} is a mapping, such as {{\"hello-*\": owner/name}}");
            yield break;
        }
        foreach (var (key, one) in pairs.Children)
        {
            if (key is YamlScalarNode { Value: { Length: > 0 } left } && one is YamlScalarNode { Value: { Length: > 0 } right })
                yield return (left, right);
            else
                Refuse(key, $"{name} has texts only, such as \"hello-*\": owner/name");
        }
    }

    /// <summary>Every field that is not among these is a fault.</summary>
    public void AllowOnly(IReadOnlyList<string> known)
    {
        foreach (var name in values.Keys.Where(name => !known.Contains(name)))
            Refuse(name, $"\"{name}\" is unknown here; use {string.Join(", ", known)}");
    }

    public void Refuse(string name, string reason) => Refuse(values.GetValueOrDefault(name) ?? target, reason);

    private void Refuse(YamlNode place, string reason) => faults.Add($"{path}:{place.Start.Line}: {reason}");
}
