using Builder.Analysis.Values;
using Builder.Web.Builds;

namespace Builder.Web.Search;

/// <param name="File">The hash of a file of the build begins with the digits; null: its uuid does.</param>
public sealed record PrefixMatch(FoundBuild Build, Sha256Digest? File);
