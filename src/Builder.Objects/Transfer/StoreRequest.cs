namespace Builder.Objects.Transfer;

/// <summary>One request to the store, before it is signed.</summary>
/// <param name="Key">With the prefix of the address; empty for the bucket itself.</param>
internal sealed record StoreRequest(HttpMethod Method, string Key)
{
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Signed: lower case names beginning with <c>x-amz-</c>.</summary>
    public IReadOnlyDictionary<string, string> SignedHeaders { get; init; } = new Dictionary<string, string>();

    /// <summary>Not signed, such as <c>Range</c> and <c>If-None-Match</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public SentBody Body { get; init; } = SentBody.None;
}
