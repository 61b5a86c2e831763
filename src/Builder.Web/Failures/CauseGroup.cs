using Builder.Web.Home;

namespace Builder.Web.Failures;

/// <summary>Jobs that are not reproducible for the same cause.</summary>
public sealed record CauseGroup(string Cause, IReadOnlyList<NotReproducible> Jobs);

/// <param name="Build">The latest successful one on the platform.</param>
public sealed record NotReproducible(string Job, string Platform, GoodBuild Build);
