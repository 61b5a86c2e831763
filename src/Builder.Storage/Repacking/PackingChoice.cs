using Builder.Analysis.Deltas;
using Builder.Analysis.Values;

namespace Builder.Storage.Repacking;

/// <summary>The smallest form of a content, already read back and found right.</summary>
/// <param name="Packed">Null where it stays as it is.</param>
internal sealed record PackingChoice(PackedForm Form, NativeBytes? Packed) : IDisposable
{
    /// <summary>In bytes: below, the file system's blocks save nothing.</summary>
    public const int MinSize = 4096;

    /// <summary>A patch costs more to read than a frame, and needs its base: it must be worth it.</summary>
    private const double MaxDeltaShare = 0.6;

    private const double MaxAloneShare = 0.95;

    /// <summary>Hardly any content is that small when it is compressed alone, so that this is not tried.</summary>
    private const double SmallDeltaShare = 0.1;

    /// <exception cref="InvalidDataException">What zstd made cannot be read back.</exception>
    public static PackingChoice Make(NativeBytes content, Sha256Digest digest, NativeBytes? before, Sha256Digest beforeDigest)
    {
        var delta = before is null ? null : DeltaCodec.TryMakeDelta(content, before, beforeDigest, (int)(content.Length * MaxDeltaShare));
        try
        {
            var alone =
                delta is null || delta.Length > content.Length * SmallDeltaShare
                    ? DeltaCodec.TryPack(content, delta?.Length ?? (int)(content.Length * MaxAloneShare))
                    : null;
            if (alone is not null)
            {
                delta?.Dispose();
                delta = null;
            }
            var choice = new PackingChoice(
                alone is not null ? PackedForm.Alone
                    : delta is not null ? PackedForm.Delta
                    : PackedForm.AsItIs,
                alone ?? delta
            );
            choice.Check(content, digest, before, beforeDigest);
            return choice;
        }
        catch
        {
            delta?.Dispose();
            throw;
        }
    }

    public void Dispose() => Packed?.Dispose();

    private void Check(NativeBytes content, Sha256Digest digest, NativeBytes? before, Sha256Digest beforeDigest)
    {
        if (Packed is null)
            return;
        using var again =
            Form == PackedForm.Delta
                ? DeltaCodec.Apply(Packed, before!, beforeDigest, content.Length)
                : DeltaCodec.Unpack(Packed, content.Length);
        if (Sha256Digest.Of(again.Span) != digest)
            throw new InvalidDataException($"the packed form of the content with SHA-256 {digest} makes other bytes");
    }
}
