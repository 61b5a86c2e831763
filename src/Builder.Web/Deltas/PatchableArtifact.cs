using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Web.Deltas;

/// <summary>An artifact of a build, which may be sent as a patch.</summary>
/// <param name="Path">As the build left it.</param>
/// <param name="Size">In bytes.</param>
internal sealed record PatchableArtifact(ByteString Path, Sha256Digest Hash, long Size);
