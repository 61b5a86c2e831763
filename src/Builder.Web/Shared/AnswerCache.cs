using System.Collections.Concurrent;

namespace Builder.Web.Shared;

/// <summary>
/// Answers made lately, all under one state of the database and one half minute of the clock (pages say "5 min ago"). Any
/// committed write, by whatever process, changes the state and so empties it: nobody sees an old page.
/// </summary>
internal sealed class AnswerCache
{
    private const long LargestInBytes = 24 * 1024 * 1024;
    private const int LargestAnswer = 2 * 1024 * 1024;

    private volatile Shelf young = new(new CacheStamp(-1, -1));
    private volatile Shelf old = new(new CacheStamp(-1, -1));

    public Answer? Find(string key, CacheStamp stamp)
    {
        var current = young;
        if (current.Stamp != stamp)
            return null;
        if (current.Answers.TryGetValue(key, out var answer))
            return answer;
        var before = old;
        if (before.Stamp != stamp || !before.Answers.TryGetValue(key, out answer))
            return null;
        Keep(key, stamp, answer);
        return answer;
    }

    public void Keep(string key, CacheStamp stamp, Answer answer)
    {
        if (answer.Size > LargestAnswer)
            return;
        var current = young;
        if (current.Stamp != stamp)
            young = current = new Shelf(stamp);
        else if (Interlocked.Read(ref current.Bytes) > LargestInBytes / 2)
        {
            // What is still asked for comes over from the old shelf one by one; the rest goes with it.
            old = current;
            young = current = new Shelf(stamp);
        }
        if (current.Answers.TryAdd(key, answer))
            Interlocked.Add(ref current.Bytes, answer.Size + (2 * key.Length));
    }

    private sealed class Shelf(CacheStamp stamp)
    {
        public long Bytes;

        public CacheStamp Stamp { get; } = stamp;

        public ConcurrentDictionary<string, Answer> Answers { get; } = new(StringComparer.Ordinal);
    }
}

/// <param name="Revision">The number that every committed write changes.</param>
/// <param name="HalfMinute">Of the clock.</param>
internal readonly record struct CacheStamp(long Revision, long HalfMinute);
