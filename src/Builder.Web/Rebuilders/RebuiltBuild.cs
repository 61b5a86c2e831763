using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Web.Rebuilders;

/// <param name="Main">SHA-256 of the main binary; null where the build left none.</param>
public sealed record RebuiltBuild(long Id, string Job, BuildUuid Uuid, string Platform, Timestamp Started, Sha256Digest? Main);
