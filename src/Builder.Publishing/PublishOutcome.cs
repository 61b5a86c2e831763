namespace Builder.Publishing;

/// <summary>What became of a build that was to be published; the message is shown on the build's page.</summary>
/// <param name="Package">Name and version as published, where there is such a package in the repository now.</param>
public sealed record PublishOutcome(PublishState State, string Message, PublishedPackage? Package = null)
{
    public static PublishOutcome Refused(string reason) => new(PublishState.Refused, reason);
}
