using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>What stands in a build before its console.</summary>
public sealed record ExecHead(ScriptJob Job, BuildUuid Uuid);
