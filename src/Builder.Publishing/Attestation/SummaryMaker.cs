using System.Collections.Immutable;
using Builder.Proof.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>Says in a SLSA verification summary what holds of a published main binary. It claims what the signer itself has checked, and no more.</summary>
internal static class SummaryMaker
{
    /// <summary>
    /// What holds now, in the order of the statement. L3 wants builds that cannot reach each other or the platform, L2 a hosted platform (SLSA 1.2); a
    /// workstation has neither. The same result twice within one farm is Builder's own word: SLSA's wants independent operators.
    /// </summary>
    public static ImmutableArray<string> LevelsOf(BuildMode mode, bool isReproduced, SignerSettings settings)
    {
        var levels = ImmutableArray.CreateBuilder<string>();
        if (settings.IsHosted && mode != BuildMode.Imported)
            levels.Add(mode == BuildMode.Sandboxed ? "SLSA_BUILD_LEVEL_3" : "SLSA_BUILD_LEVEL_2");
        if (isReproduced && mode != BuildMode.Imported)
            levels.Add(VerificationSummary.Reproduced);
        return levels.ToImmutable();
    }

    /// <summary>The bytes to sign.</summary>
    public static byte[] Make(IssuedStatement provenance, ImmutableArray<string> levels, SignerSettings settings, DateTimeOffset now)
    {
        var build = $"{settings.Site}/job/{Uri.EscapeDataString(provenance.Facts.Job)}/build/{provenance.Build}";
        var main = provenance.Facts.Main!.Value;
        return InTotoStatement.Write(
            [ResourceDescriptor.Of(main.Name, main.Digest)],
            new VerificationSummary
            {
                VerifierId = $"{settings.Site}/verifier",
                TimeVerified = now,
                ResourceUri = $"{build}/f/{string.Join('/', main.Name.Split('/').Select(Uri.EscapeDataString))}",
                PolicyUri = $"{settings.Site}/buildtypes/policy/v1",
                InputAttestations =
                [
                    ResourceDescriptor.Of("provenance", Analysis.Values.Sha256Digest.Of(provenance.Envelope.Span)) with
                    {
                        Uri = $"{build}/provenance",
                    },
                ],
                Passed = true,
                VerifiedLevels = levels,
            }
        );
    }
}
