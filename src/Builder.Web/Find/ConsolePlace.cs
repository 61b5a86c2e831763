using Builder.Storage.Search;

namespace Builder.Web.Find;

/// <summary>A console that says what was asked for.</summary>
/// <param name="Hit">Its first line.</param>
/// <param name="IsLatest">No later build of the job on this platform is here.</param>
/// <param name="Others">Earlier builds of the job on this platform whose consoles may say it too and were not opened.</param>
public sealed record ConsolePlace(string Job, string Platform, SeenBuild Build, ConsoleHit Hit, bool IsLatest, int Others);
