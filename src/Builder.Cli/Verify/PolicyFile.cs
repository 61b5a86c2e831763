using System.Collections.Immutable;
using System.Globalization;
using Builder.Cli.Errors;
using Builder.Proof.Keys;
using Builder.Proof.Verifying;
using Builder.Protocol.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Builder.Cli.Verify;

/// <summary>
/// A policy in YAML: <c>builders</c>, <c>jobs</c> (lists), <c>level</c>, <c>quorum</c>, <c>maximum-age</c>, <c>log</c> (required or optional) and
/// <c>rebuilders</c>, a list of <c>name</c> and <c>key</c> (a PEM file beside the policy).
/// </summary>
internal sealed class PolicyFile
{
    private const int MaxSize = 1024 * 1024;
    private const int MaxLevel = 4;
    private const int MaxQuorum = 100;

    private readonly string _path;
    private VerificationPolicy _policy = VerificationPolicy.Default;

    private PolicyFile(string path) => _path = path;

    /// <exception cref="CommandException">The file is not such a policy; the message names place and reason.</exception>
    public static VerificationPolicy Read(string path) => new PolicyFile(path).Read();

    private VerificationPolicy Read()
    {
        if (new FileInfo(_path).Length > MaxSize)
            throw new CommandException($"{_path} has more than {MaxSize} bytes, which no policy needs", ExitCode.Trouble);
        var yaml = new YamlStream();
        try
        {
            using var text = new StringReader(File.ReadAllText(_path));
            yaml.Load(text);
        }
        catch (YamlException exception)
        {
            throw new CommandException($"{_path}:{exception.Start.Line}: {exception.Message}", ExitCode.Trouble);
        }
        if (yaml.Documents is not [{ RootNode: YamlMappingNode fields }])
            throw new CommandException(
                $"{_path} is no policy: a mapping of \"builders\", \"jobs\", \"level\" and others was expected",
                ExitCode.Trouble
            );
        foreach (var (name, value) in fields.Children)
            Take(name, value);
        return _policy;
    }

    private void Take(YamlNode name, YamlNode value) =>
        _policy = (name as YamlScalarNode)?.Value switch
        {
            "builders" => _policy with { Builders = Texts(value) },
            "jobs" => _policy with { Jobs = Texts(value) },
            "level" => _policy with { Level = Number(value, MaxLevel) },
            "quorum" => _policy with { Quorum = Number(value, MaxQuorum) },
            "maximum-age" => _policy with { MaximumAge = Age(value) },
            "log" => _policy with { RequiresLog = IsRequired(value) },
            "rebuilders" => _policy with { Rebuilders = [.. List(value).Select(Rebuilder)] },
            _ => throw Refuse(name, $"\"{name}\" is unknown; use builders, jobs, level, quorum, maximum-age, log or rebuilders"),
        };

    private TrustedRebuilder Rebuilder(YamlNode node)
    {
        if (node is not YamlMappingNode fields)
            throw Refuse(node, "a rebuilder has a \"name\" and a \"key\"");
        string Field(string name) =>
            fields.Children.TryGetValue(new YamlScalarNode(name), out var value)
                ? Text(value)
                : throw Refuse(node, $"the rebuilder has no \"{name}\"");
        var key = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_path))!, Field("key"));
        try
        {
            return new TrustedRebuilder(Field("name"), VerificationKey.FromPem(File.ReadAllText(key)));
        }
        catch (InvalidKeyException exception)
        {
            throw Refuse(node, $"{key}: {exception.Message}");
        }
    }

    private ImmutableArray<string> Texts(YamlNode value) => [.. List(value).Select(Text)];

    private IEnumerable<YamlNode> List(YamlNode value) =>
        value is YamlSequenceNode list ? list.Children : throw Refuse(value, "a list was expected");

    private string Text(YamlNode value) => (value as YamlScalarNode)?.Value ?? throw Refuse(value, "a text was expected");

    private int Number(YamlNode value, int max) =>
        int.TryParse(Text(value), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw Refuse(value, $"\"{value}\" is not a number from 1 to {max}");

    private TimeSpan Age(YamlNode value) =>
        DurationText.TryParse(Text(value), out var age) ? age : throw Refuse(value, $"\"{value}\" is not a time such as 12h or 30d");

    private bool IsRequired(YamlNode value) =>
        Text(value) switch
        {
            "required" => true,
            "optional" => false,
            _ => throw Refuse(value, $"\"{value}\" is neither required nor optional"),
        };

    private CommandException Refuse(YamlNode place, string why) => new($"{_path}:{place.Start.Line}: {why}", ExitCode.Trouble);
}
