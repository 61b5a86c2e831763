using System.CommandLine;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary><c>repeat NAME</c>: builds the last good build of a job again.</summary>
internal static class RepeatCommand
{
    public static Command Create()
    {
        var name = ClientOptions.JobName();
        var platform = ClientOptions.PlatformOption("Only the build on this platform; otherwise one on each.");
        var vary = VariationsOption.Create(
            "--vary",
            "What workers change: time,path,hostname,user,locale,timezone,umask,cpus,fileorder,kernel, all or none. Default: as the schedule says."
        );
        var command = new Command(
            "repeat",
            "Build the last good build of a job again, with the same script, date and inputs, behind fresh work. The job's schedule must have rebuilds or recheck."
        )
        {
            name,
            platform,
            vary,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var _ = await ExtendedRequest.AskAsync(
                    ClientOptions.LinkOf(parsed),
                    "repeat",
                    Body(parsed.GetValue(name), parsed.GetValue(platform), parsed.GetValue(vary)),
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static byte[] Body(ByteString name, ByteString? platform, Variations? vary)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("job", name.ToString());
            if (platform is { } on)
                json.WriteString("platform", on.ToString());
            if (vary is { } variations)
                json.WriteString("vary", VariationNames.Write(variations));
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
