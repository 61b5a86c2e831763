using Builder.Protocol.Values;

namespace Builder.Web.Html;

public sealed record JobMark(BuildUuid Uuid, Timestamp Started, Verdict Verdict);
