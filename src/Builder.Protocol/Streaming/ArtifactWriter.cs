using Builder.Protocol.Der;
using Builder.Protocol.Messages;

namespace Builder.Protocol.Streaming;

/// <summary>Writes a list of artifacts as it comes in.</summary>
internal static class ArtifactWriter
{
    public static async ValueTask WriteAsync(ByteSink sink, ArtifactSource artifacts, CancellationToken cancellationToken)
    {
        var writer = new DerWriter();
        writer.WriteHeader(DerTag.Sequence, artifacts.ContentLength);
        await sink.WriteAsync(writer.Written, cancellationToken);
        var start = sink.Position;
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
        {
            writer.Clear();
            writer.WriteHeader(DerTag.Sequence, ArtifactSource.EncodedLength(artifact.PathAsWritten.Length, artifact.Length));
            writer.WriteText(artifact.PathAsWritten);
            writer.WriteHeader(DerTag.Text, artifact.Length);
            await sink.WriteAsync(writer.Written, cancellationToken);
            var copied = await sink.CopyAsync(artifact.Content, artifact.Length, cancellationToken);
            if (copied < artifact.Length)
                throw new ArtifactChangedException(artifact.PathAsWritten, artifact.Length, copied);
        }
        if (sink.Position - start != artifacts.ContentLength)
            throw new InvalidOperationException(
                $"artifacts add up to {sink.Position - start} bytes where {artifacts.ContentLength} were announced"
            );
    }
}
