using System.Collections.Immutable;
using Builder.Analysis.Advisories;

namespace Builder.Cli.Advisories;

/// <summary>What applies to one target.</summary>
internal sealed record CheckAnswer(CheckedContent Content, ImmutableArray<AdvisoryMatch> Matches);
