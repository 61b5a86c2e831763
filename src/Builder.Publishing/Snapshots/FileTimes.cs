namespace Builder.Publishing.Snapshots;

/// <summary>
/// Web servers and clients compare times in whole seconds. Two publications in one second would look like one to a client
/// that asks "modified since?"; so each is at least a second later than the one before.
/// </summary>
internal static class FileTimes
{
    public static void MoveOn(string built, string? previous, DateTimeOffset now)
    {
        var time = now.UtcDateTime;
        foreach (var file in new DirectoryInfo(built).EnumerateFiles())
        {
            var before = new FileInfo(Path.Combine(previous ?? "", file.Name));
            if (previous is not null && before.Exists && before.LastWriteTimeUtc.AddSeconds(1) > time)
                time = before.LastWriteTimeUtc.AddSeconds(1);
        }
        foreach (var file in new DirectoryInfo(built).EnumerateFiles())
            file.LastWriteTimeUtc = time;
    }
}
