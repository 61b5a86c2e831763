namespace Builder.Analysis.Comparison;

/// <summary>A package of one version whose opam file is not the same on both sides.</summary>
/// <param name="EffectivelyEqual">Only fields differ that cannot change what is built.</param>
/// <param name="Diff">Unified diff of the printed forms, without a last line feed.</param>
public sealed record OpamFileChange(string Name, string Version, bool EffectivelyEqual, string Diff);
