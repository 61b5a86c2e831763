using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Builder.Publishing.Targets;

/// <summary>The file <c>notify.yaml</c> of a configuration directory: <c>targets</c>, a list of who is told of what.</summary>
public static class TargetsFile
{
    public const string FileName = "notify.yaml";

    private const int MaxSize = 1 << 20;
    private const int MaxTargets = 100;
    private const int MaxNesting = 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string PathIn(string configurationDirectory) => Path.Combine(configurationDirectory, FileName);

    /// <returns>Empty where there is no such file.</returns>
    /// <exception cref="NotificationException">The file is not as it must be; the message has a line for each fault.</exception>
    public static IReadOnlyList<NotificationTarget> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        var faults = new List<string>();
        var targets = Load(path).Children.Select(node => TargetReader.Read(path, new TargetFields(path, node, faults))).ToList();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var again in targets.Where(target => target is not null && !names.Add(target.Name)))
            faults.Add($"{path}:{again!.Line}: another target has the name \"{again.Name}\" already");
        if (targets.Count > MaxTargets)
            faults.Add($"{path}: more than {MaxTargets} targets");
        return faults.Count == 0 ? [.. targets.OfType<NotificationTarget>()] : throw new NotificationException(string.Join('\n', faults));
    }

    private static YamlSequenceNode Load(string path)
    {
        var yaml = new YamlStream();
        try
        {
            if (new FileInfo(path).Length > MaxSize)
                throw new NotificationException($"{path} has more than {MaxSize >> 20} MiB");
            var text = Strict.GetString(File.ReadAllBytes(path));
            CheckNesting(path, text);
            yaml.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw new NotificationException($"{path}:{exception.Start.Line}: {exception.Message}", exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw new NotificationException($"{path} is not UTF-8", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NotificationException($"cannot read {path}: {exception.Message}", exception);
        }
        if (
            yaml.Documents is [{ RootNode: YamlMappingNode { Children.Count: 1 } root }]
            && root.Children.TryGetValue(new YamlScalarNode("targets"), out var targets)
            && targets is YamlSequenceNode list
        )
            return list;
        throw new NotificationException($"{path}:1: the file has one list, \"targets:\", and nothing beside it");
    }

    /// <summary>The reader of documents goes as deep as a file does.</summary>
    private static void CheckNesting(string path, string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaxNesting)
                throw new NotificationException($"{path}:{parser.Current.Start.Line}: nested too deeply");
        }
    }
}
