using Builder.Storage.Rebuilders;

namespace Builder.Web.Rebuilders;

/// <param name="Latest">What it said last, newest first, with the jobs.</param>
public sealed record ShownKey(Rebuilder Rebuilder, IReadOnlyList<(string Job, RebuildRow Row)> Latest);
