using System.Collections.Concurrent;
using Builder.Protocol;

namespace Builder.Web.Shared;

/// <summary>
/// Answers made lately, all under one state of the database. Any committed write, by whatever process, changes the state and so
/// empties it: nobody sees an old page. What an answer says of time limits how long it is kept.
/// </summary>
internal sealed class AnswerCache
{
    private const long LargestInBytes = 24 * 1024 * 1024;
    private const int LargestAnswer = 2 * 1024 * 1024;

    private volatile Shelf young = new(-1);
    private volatile Shelf old = new(-1);

    /// <param name="revision">The number that every committed write changes.</param>
    public Answer? Find(string key, long revision, Timestamp now)
    {
        if (young.Find(key, revision, now) is { } kept)
            return kept.Answer;
        if (old.Find(key, revision, now) is not { } older)
            return null;
        Keep(key, revision, older.RightUntil, older.Answer);
        return older.Answer;
    }

    public void Keep(string key, long revision, Timestamp rightUntil, Answer answer)
    {
        if (answer.Size > LargestAnswer)
            return;
        var current = young;
        if (current.Revision != revision)
            young = current = new Shelf(revision);
        else if (current.Bytes > LargestInBytes / 2)
        {
            // What is still asked for comes over from the old shelf one by one; the rest goes with it.
            old = current;
            young = current = new Shelf(revision);
        }
        current.Put(key, new Kept(answer, rightUntil));
    }

    private sealed record Kept(Answer Answer, Timestamp RightUntil);

    private sealed class Shelf(long revision)
    {
        private readonly ConcurrentDictionary<string, Kept> answers = new(StringComparer.Ordinal);
        private long bytes;

        public long Revision { get; } = revision;

        public long Bytes => Interlocked.Read(ref bytes);

        public Kept? Find(string key, long revision, Timestamp now) =>
            Revision == revision && answers.TryGetValue(key, out var kept) && now < kept.RightUntil ? kept : null;

        public void Put(string key, Kept kept)
        {
            answers[key] = kept;
            Interlocked.Add(ref bytes, kept.Answer.Size + (2 * key.Length));
        }
    }
}
