using System.Reflection;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Cli.Up;

/// <summary>A job that shows something on a new installation; its script stands in <c>packaging/samples/</c>.</summary>
/// <param name="Builds">How many builds make its point: a verdict on reproduction needs two.</param>
internal sealed record SampleJob(JobName Name, int Builds)
{
    /// <summary>In the order in which they are best seen: verdicts first, the long one while they are read.</summary>
    public static IReadOnlyList<SampleJob> All { get; } =
    [
        new(JobName.Parse("hello-deb"), Builds: 2),
        new(JobName.Parse("half-a-minute"), Builds: 1),
        new(JobName.Parse("clock-deb"), Builds: 2),
        new(JobName.Parse("failing-test"), Builds: 1),
    ];

    public ScriptJob ToScriptJob(Platform platform) => new(Name.Bytes, platform.Bytes, new ByteString(ReadScript()));

    /// <summary>SHA-256 of each script, as <see cref="JobHold.AllowedScripts"/> has them.</summary>
    public static IReadOnlySet<string> ScriptDigests() =>
        All.Select(sample => JobHold.DigestOf(sample.ReadScript())).ToHashSet(StringComparer.Ordinal);

    private byte[] ReadScript()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"samples/{Name}.sh")!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
