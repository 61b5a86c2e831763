using Builder.Analysis.Values;

namespace Builder.Storage.Index;

/// <summary>An artifact that says what a build contains.</summary>
internal sealed record IndexedContent(ContentKind Kind, Sha256Digest Hash, long Size);
