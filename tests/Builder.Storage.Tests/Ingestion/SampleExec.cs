using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Storage.Tests.Ingestion;

/// <summary>Small builds of our own making.</summary>
internal static class SampleExec
{
    public static byte[] Encode(
        string job = "hello",
        BuildUuid? uuid = null,
        string platform = "debian-12",
        ExecutionResult? result = null,
        IReadOnlyList<string>? console = null,
        params (string Path, string Text)[] artifacts
    ) =>
        ExecCodec.Encode(
            new Exec(
                new ScriptJob(ByteString.FromUtf8(job), ByteString.FromUtf8(platform), ByteString.FromUtf8("#!/bin/sh\nmake\n")),
                uuid ?? BuildUuid.NewRandom(),
                [
                    .. (console ?? ["start", "done"])
                        .Select(static (text, second) => new ConsoleLine((2_000_000_000L * second) + 1, ByteString.FromUtf8(text)))
                        .Reverse(),
                ],
                Timestamp.From(new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero)),
                Timestamp.From(new DateTimeOffset(2026, 11, 22, 6, 5, 0, 250, TimeSpan.Zero)),
                result ?? new ExecutionResult.Exited(0),
                [.. artifacts.Select(artifact => new Artifact(ArtifactPath.Parse(artifact.Path), Encoding.UTF8.GetBytes(artifact.Text)))]
            )
        );

    /// <summary>With all that an input id needs, and a main binary.</summary>
    public static byte[] Whole(
        BuildUuid? uuid = null,
        string binary = "binary",
        string inputs = "sources",
        string job = "hello",
        string platform = "debian-12"
    ) =>
        Encode(
            job,
            uuid,
            platform,
            null,
            null,
            ("bin/hello", binary),
            ("build-environment", "PATH=/bin"),
            ("system-packages", "gcc=12"),
            ("build-inputs", inputs),
            ("README.md", "# Hello"),
            ("hello.build-hashes", "bin/hello 00")
        );
}
