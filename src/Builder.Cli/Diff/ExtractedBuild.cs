using Builder.Analysis.Difference;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Cli.Diff;

/// <summary>What a site says of a build whose artifacts were extracted.</summary>
internal sealed record ExtractedBuild(ScriptJob Job, BuildUuid Uuid, ExecutionResult Result, BuildFacts Facts);
