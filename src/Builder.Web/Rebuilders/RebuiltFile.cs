using Builder.Analysis.Values;

namespace Builder.Web.Rebuilders;

/// <param name="Ours">SHA-256 of this site's file; null where it has none at that path.</param>
/// <param name="Theirs">What the rebuilder says; null where it says nothing of that path.</param>
public sealed record RebuiltFile(string Path, Sha256Digest? Ours, Sha256Digest? Theirs);
