using Builder.Protocol.Values;

namespace Builder.Web.Shared;

public sealed record JobMark(BuildUuid Uuid, Timestamp Started, Verdict Verdict);
