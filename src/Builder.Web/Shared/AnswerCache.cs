using System.Collections.Concurrent;
using Builder.Protocol;

namespace Builder.Web.Shared;

/// <summary>
/// Answers made lately, each with the state of the database it was made of and the time until which what it says is right: nobody
/// sees an old page.
/// </summary>
internal sealed class AnswerCache
{
    private const long LargestInBytes = 24 * 1024 * 1024;
    private const int LargestAnswer = 2 * 1024 * 1024;

    private volatile Shelf young = new();
    private volatile Shelf old = new();

    /// <param name="revision">The state of what the answer depends on; it is a page of the past where it was made at another.</param>
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
        if (current.Bytes > LargestInBytes / 2)
        {
            // What is still asked for comes over from the old shelf one by one; the rest goes with it.
            old = current;
            young = current = new Shelf();
        }
        current.Put(key, new Kept(revision, rightUntil, answer));
    }

    private sealed record Kept(long Revision, Timestamp RightUntil, Answer Answer);

    private sealed class Shelf
    {
        private readonly ConcurrentDictionary<string, Kept> answers = new(StringComparer.Ordinal);
        private long bytes;

        public long Bytes => Interlocked.Read(ref bytes);

        public Kept? Find(string key, long revision, Timestamp now) =>
            answers.TryGetValue(key, out var kept) && kept.Revision == revision && now < kept.RightUntil ? kept : null;

        public void Put(string key, Kept kept)
        {
            answers[key] = kept;
            Interlocked.Add(ref bytes, kept.Answer.Size + (2 * key.Length));
        }
    }
}
