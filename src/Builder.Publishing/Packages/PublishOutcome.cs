using System.Globalization;

namespace Builder.Publishing.Packages;

/// <summary>What became of a build that was to be published; the message is shown on the build's page.</summary>
/// <param name="Package">Name and version as published, where there is such a package in the repository now.</param>
public sealed record PublishOutcome(PublishState State, string Message, PublishedPackage? Package = null)
{
    public static PublishOutcome Refused(string reason) => new(PublishState.Refused, reason);

    internal static PublishOutcome Withdrawn(Withdrawal withdrawal, PublishableBuild build) =>
        new(
            PublishState.Withdrawn,
            string.Create(
                CultureInfo.InvariantCulture,
                $"withdrawn from {withdrawal.Branch} on {withdrawal.Time.UtcDateTime:yyyy-MM-dd}; builder repo publish {build.Uuid} publishes it again"
            )
        );
}
