using Builder.Protocol.Values;

namespace Builder.Web.Http;

/// <summary>
/// Answers made lately, each with the state of the database it was made of and the time until which what it says is right: nobody
/// sees an old page.
/// </summary>
internal sealed class AnswerCache
{
    private readonly BoundedCache<string, Kept> answers = new(maxTotalBytes: 24 * 1024 * 1024, largestInBytes: 2 * 1024 * 1024);

    /// <param name="revision">The state of what the answer depends on; it is a page of the past where it was made at another.</param>
    public Answer? Find(string key, long revision, Timestamp now) =>
        answers.Find(key) is { } kept && kept.Revision == revision && now < kept.RightUntil ? kept.Answer : null;

    public void Keep(string key, long revision, Timestamp rightUntil, Answer answer) =>
        answers.Keep(key, new Kept(revision, rightUntil, answer), answer.Size + (2 * key.Length));

    private sealed record Kept(long Revision, Timestamp RightUntil, Answer Answer);
}
