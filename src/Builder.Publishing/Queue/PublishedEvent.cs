using System.Buffers;
using System.Text;
using System.Text.Json;
using Builder.Publishing.Packages;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Queue;

/// <summary>The event that a repository offers the package of a build. The same bytes on the same platform are told of once.</summary>
internal static class PublishedEvent
{
    /// <returns>Null where the repository does not offer it.</returns>
    public static NewEvent? Of(PublishableBuild build, PublishOutcome outcome)
    {
        if (outcome.State is not (PublishState.Published or PublishState.AlreadyPublished) || build.MainBinary is not { } binary)
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteString("job", build.Job.Value);
            json.WriteString("platform", build.Platform.Value);
            json.WriteString("build", build.Uuid.ToString());
            json.WriteString("sha256", binary.Sha256);
            json.WriteString("package", outcome.Package?.Name ?? build.Job.Value);
            if (outcome.Package is { } package)
            {
                json.WriteString("package_version", package.Version);
                json.WriteString("branch", package.Branch);
            }
            json.WriteEndObject();
        }
        return new NewEvent(
            $"{EventKind.PackagePublished}/{build.Platform.Value}/{binary.Sha256}",
            EventKind.PackagePublished,
            build.Job.Value,
            build.Platform.Value,
            build.Uuid,
            Encoding.UTF8.GetString(buffer.WrittenSpan)
        );
    }
}
