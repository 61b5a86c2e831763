using Builder.Web.Html;
using Builder.Web.Sbom;

namespace Builder.Web.Proof;

/// <summary>The files that say it to programs.</summary>
internal static class ProofDocuments
{
    public static IEnumerable<ProofDocument> Of(ProofState state)
    {
        ProofDocument Part(string name, string text) => new(name, text, Href.Part(state.Build.Job, state.Build.Uuid, name));
        if (state.Provenance is not null)
        {
            yield return Part("provenance", "Who built it, from what (SLSA 1.2 provenance, DSSE envelope)");
            if (state.IsInLog)
                yield return Part(BundleEndpoints.ProvenanceName, "The same with the proof that it is in the log (Sigstore bundle)");
            yield return Part("attestations", "All signed statements, a line each (in-toto)");
            yield return Part(SignatureEndpoints.KeyName, "The key that signed the provenance (PEM)");
        }
        if (state.Build.Main is not null)
        {
            yield return Part(SbomEndpoints.CycloneDxName, "What it is made of (CycloneDX 1.6)");
            yield return Part(SbomEndpoints.SpdxName, "What it is made of (SPDX 2.3)");
        }
        if (state.HasBuildInfo)
            yield return Part(BuildInfoEndpoints.Name, "What was built and installed, for Debian's tools (.buildinfo)");
        if (state.HasFileKey && state.Provenance is not null)
        {
            yield return Part(SignatureEndpoints.SignifyName, "Hashes of all artifacts, signed (signify)");
            if (state.Build.Main is { } main)
            {
                yield return new ProofDocument(
                    main.FileName + ".minisig",
                    "Signature of the file alone (minisign)",
                    Href.Part(state.Build.Job, state.Build.Uuid, SignatureEndpoints.MinisignName)
                );
                yield return Part(SignatureEndpoints.QuorumName, "Who got the same bytes (in-toto layout and links)");
            }
        }
        if (state.Keys is not null)
            yield return new ProofDocument("builder-keys.json", "All keys of this site, signed", "/.well-known/builder-keys.json");
        if (state.LogSize is not null)
            yield return new ProofDocument(
                "trusted_root.json",
                "The key of the transparency log (Sigstore trusted root)",
                "/trusted_root.json"
            );
    }
}
