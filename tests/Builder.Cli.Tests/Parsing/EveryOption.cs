using System.CommandLine;
using System.CommandLine.Help;
using System.Net;
using Builder.Analysis.Difference;
using Builder.Analysis.Opam;
using Builder.Cli.Diff;
using Builder.Cli.Download;
using Builder.Cli.Orb;
using Builder.Cli.Originals;
using Builder.Cli.Root;
using Builder.Cli.Server;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Protocol.Values;
using Builder.Publishing.Outgoing;
using Builder.Publishing.TransparencyLog;
using Builder.Web.Options;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Tests.Parsing;

/// <summary>Every command of a program with what it takes, found in the command tree: what is new there is tested without a word here.</summary>
internal static class EveryOption
{
    private const string Uuid = "b92c500e-03fc-44d9-95de-50e5e6f91479";

    /// <summary>A right value for each type of options and arguments, and wrong ones. Of a type that is not here, a wrong value is <c>!?</c>.</summary>
    private static readonly Dictionary<Type, (string Right, string[] Wrong)> Samples = new()
    {
        [typeof(OrbPackage)] = ("hello.1.0", ["a/b", "-x", "1"]),
        [typeof(OpamRepository[])] = ("default:https://opam.ocaml.org", ["default", "a b:https://x.org"]),
        [typeof(Builder.Cli.Record.Download[])] = ("https://example.org/x.tar.gz", ["x", "https://example.org/"]),
        [typeof(SiteUrl)] = ("https://builds.example.org/job/hello/build/latest", ["https://builds.example.org/job/hello", "hello"]),
        [typeof(ArtifactUrl)] = (
            "https://builds.example.org/job/hello/build/latest/f/bin/hello",
            ["https://builds.example.org/job/hello/build/latest", "https://builds.example.org/", "ftp://builds.example.org/x", "hello"]
        ),
        [typeof(Distribution)] = ("debian-12", ["debian-5", "x"]),
        [typeof(string)] = ("when=built", []),
        [typeof(string[])] = (Uuid, []),
        [typeof(FileInfo)] = ("/etc/hostname", []),
        [typeof(DirectoryInfo)] = ("/etc", []),
        [typeof(int)] = ("1", ["1x", "x", "1.5", "0x10", "99999999999999999999", "2147483648", "-99999999999999999999", "NaN", " "]),
        [typeof(long)] = ("1", ["1x", "x", "99999999999999999999", "-1", "NaN"]),
        [typeof(double)] = ("1", ["1x", "x", "NaN", "Infinity", "-1", "1e9", "99999999999999999999"]),
        [typeof(TimeSpan)] = ("90s", ["1x", "x", "NaN", "NaNs", "Infinity", "-1s", "99999999999999999999d", "s"]),
        [typeof(Uri)] = ("https://builds.example.org/upload", ["x", "ftp://x", "1"]),
        [typeof(TraceLink)] = (
            "https://jaeger.example.org/trace/{trace_id}",
            ["x", "https://jaeger.example.org/trace/", "{trace_id}", "ftp://x/{trace_id}"]
        ),
        [typeof(Uri[])] = ("https://builds.example.org/all.zip", ["x", "ftp://x"]),
        [typeof(AllowedNetworks)] = ("10.0.0.0/8", ["x", "10.0.0.0/99", "10.0/16", "010.0.0.1", "1"]),
        [typeof(TrustedProxies)] = ("10.0.0.0/8", ["x", "10.0.0.0/99", "10.0.0", "10.0/16", "010.0.0.1", "10/8", "1", "0x7f.0.0.1"]),
        [typeof(IPAddress)] = ("127.0.0.1", ["x", "127.0.0.1:1", "1.2.3.4.5", "1", "127.1", "010.0.0.1"]),
        [typeof(StateSetting)] = ("journal", ["x", "1"]),
        [typeof(RemoteAddresses)] = (
            "127.0.0.1:1234",
            ["a,", "a,,b", "a,x:y", "x:y", "127.0.0.1:0", "a b", "127.0.0.1:65536", ":1234", "10.0.0:1234", "127.1", "010.0.0.1"]
        ),
        [typeof(NoteKey)] = (
            "builds.example/log+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U",
            ["x", "builds.example/log+b8943a98+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U", "a+b+c"]
        ),
        [typeof(WitnessAddress[])] = (
            "witness.example+a10911aa+BOL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U,https://witness.example",
            ["x", "a+b+c,https://x", "builds.example/log+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U,https://x"]
        ),
        [typeof(NoteKey[])] = ("builds.example/log+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U", ["x", "a+b+c"]),
        [typeof(JobName)] = ("hello", ["a/b", "..", "_a"]),
        [typeof(Platform)] = ("debian-12", ["a/b", ".."]),
        [typeof(CauseKind[])] = ("timestamp", ["x", "Timestamp", "0", "timestamp,code"]),
        [typeof(Platform[])] = ("debian-12", ["a/b", ".."]),
        [typeof(JobName[])] = ("hello", ["a/b", ".."]),
        [typeof(KeyId)] = ("SHA256:" + new string('A', 43), ["x", "SHA256:", "SHA256:" + new string('A', 44), new string('A', 43)]),
        [typeof(DateTimeOffset)] = ("2026-11-22T06:00:00Z", ["x", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z"]),
        [typeof(ByteString)] = ("hello", ["a/b", ".."]),
        [typeof(BuildUuid)] = (Uuid, ["x", "b92c500e", Uuid + "0"]),
        [typeof(Timestamp)] = ("2026-11-22T06:00:00Z", ["x", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z"]),
    };

    /// <summary>The program by its own name, and under each original one.</summary>
    public static IReadOnlyList<string> Programs { get; } = ["builder", .. OriginalPrograms.All.Select(program => program.Name)];

    public static CommandLine Open(string program) => new(OriginalPrograms.Find(program));

    /// <summary>The commands that do something, as words after the program's name.</summary>
    public static IEnumerable<(string Words, IReadOnlyList<Command> Path)> Commands(CommandLine line, string program)
    {
        Command top =
            program == "builder"
                ? line.Root
                : line.Root.Subcommands.Single(command => command.Name == OriginalPrograms.Find(program)!.Role);
        return Below([top]);

        static IEnumerable<(string Words, IReadOnlyList<Command> Path)> Below(Command[] path)
        {
            if (path[^1].Action is not null)
                yield return (string.Join(' ', path.Skip(1).Select(command => command.Name)), path);
            foreach (var found in path[^1].Subcommands.SelectMany(command => Below([.. path, command])))
                yield return found;
        }
    }

    public static IEnumerable<Option> Options(IReadOnlyList<Command> path) =>
        path.SelectMany(command => command.Options.Where(option => option.Recursive || command == path[^1]))
            .Where(option => option is not (HelpOption or VersionOption));

    public static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.ValueType == typeof(bool[]);

    public static string Right(Option option) =>
        Underlying(option.ValueType) is { IsEnum: true } type
            ? Enum.GetNames(type)[0].ToLowerInvariant()
            : option.Name switch
            {
                "--verbosity" => "info",
                "--log-format" => "text",
                "--kind" => "exec",
                "--use" => "statements",
                _ => Sample(option.ValueType).Right,
            };

    public static IEnumerable<string> Wrong(Option option) =>
        Underlying(option.ValueType).IsEnum ? ["x", "0", "1", "-1", "99", "None,None"] : Sample(option.ValueType).Wrong;

    /// <summary>What the command cannot do without.</summary>
    public static IEnumerable<string> Needed(IReadOnlyList<Command> path, Option? except = null) =>
        [
            .. Options(path).Where(option => option.Required && option != except).Select(option => $"{option.Name}={Right(option)}"),
            .. path[^1]
                .Arguments.SelectMany(argument =>
                    Enumerable.Repeat(
                        argument.Name is "name" or "NAME" ? "hello" : Sample(argument.ValueType).Right,
                        Math.Max(1, argument.Arity.MinimumNumberOfValues)
                    )
                ),
        ];

    public static IEnumerable<string> Wrong(Argument argument) => Sample(argument.ValueType).Wrong;

    private static (string Right, string[] Wrong) Sample(Type type) =>
        Samples.TryGetValue(Underlying(type), out var sample) ? sample : ("x", ["!?"]);

    private static Type Underlying(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
