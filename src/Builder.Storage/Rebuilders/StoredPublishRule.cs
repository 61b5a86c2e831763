namespace Builder.Storage.Rebuilders;

/// <param name="Others">How many others have to come to the same bytes; the build itself does not count.</param>
/// <param name="IsIndependent">They are rebuilders of distinct operators, and until then nobody gets the files.</param>
public sealed record StoredPublishRule(int Others, bool IsIndependent);
