using Builder.Web.Builds;
using Builder.Web.Pages;

namespace Builder.Web.Proof;

/// <summary>What is known of the main binary of a build: in plain words, as documents, and how to check it.</summary>
public sealed record ProofPage(
    PageLayout PageLayout,
    BuildFacts Build,
    IReadOnlyList<KnownFact> Facts,
    IReadOnlyList<ProofDocument> Documents,
    IReadOnlyList<ProofCommand> Commands
);
