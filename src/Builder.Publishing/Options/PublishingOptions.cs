namespace Builder.Publishing.Options;

/// <summary>Where hooks, repositories and their settings are.</summary>
/// <param name="Gate">Overrides <c>publish-when</c> of both repositories.</param>
public sealed record PublishingOptions(string ConfigDirectory, string DataDirectory, PublishGate? Gate = null);
