namespace Builder.Web.Proof;

/// <summary>One thing that is known of a file, or is not.</summary>
/// <param name="Name">For programs: <c>signed</c>.</param>
/// <param name="Style">Of its badge: <c>good</c>, <c>bad</c>, <c>wait</c>, or <c>plain</c> for information.</param>
/// <param name="Label">A word or two.</param>
/// <param name="Text">A sentence.</param>
public sealed record KnownFact(string Name, string Style, string Label, string Text)
{
    /// <summary>For programs.</summary>
    public string State =>
        Style switch
        {
            "good" => "proven",
            "bad" => "wrong",
            "wait" => "missing",
            _ => "unknown",
        };
}
