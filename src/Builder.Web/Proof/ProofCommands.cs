using Builder.Web.Html;

namespace Builder.Web.Proof;

/// <summary>Command lines that check the main binary with programs of others. They are run as they stand by the tests.</summary>
internal static class ProofCommands
{
    /// <param name="origin">Scheme and host of the site.</param>
    public static IReadOnlyList<ProofCommand> Of(ProofState state, string origin)
    {
        if (
            state.Build.Main is not { } main
            || ShellWord.Of(main.FileName) is not { } file
            || main.FileName.Contains('/', StringComparison.Ordinal)
        )
            return [];
        var page = origin + Href.Build(state.Build.Job, state.Build.Uuid);
        if (ShellWord.Of(page) is not { } build)
            return [];
        var commands = new List<ProofCommand>
        {
            new("curl", "Fetch the file.", $"curl -fsSL -o {file} {build}/main-binary"),
            new("builder", "Everything below and more, in one command.", $"builder verify {file} --site {origin}"),
        };
        if (state.Provenance is not null)
            commands.Add(Cosign(state, origin, file, build));
        if (state.Provenance is not null && state.HasFileKey)
        {
            commands.Add(
                new ProofCommand(
                    "signify-openbsd",
                    "The hash of the file is in the signed list.",
                    $"curl -fsSO {build}/{SignatureEndpoints.SignifyName} -O {origin}/.well-known/{SignatureEndpoints.FilesKeyName}\nsignify-openbsd -C -p {SignatureEndpoints.FilesKeyName} -x SHA256.sig {file}"
                )
            );
            commands.Add(
                new ProofCommand(
                    "minisign",
                    "The file itself is signed.",
                    $"curl -fsS -o {file}.minisig {build}/{SignatureEndpoints.MinisignName} -O {origin}/.well-known/{SignatureEndpoints.FilesKeyName}\nminisign -V -p {SignatureEndpoints.FilesKeyName} -m {file}"
                )
            );
            commands.Add(
                new ProofCommand(
                    "in-toto",
                    "All who signed a link got the same bytes; so far that is this site alone.",
                    $"curl -fsS {build}/{SignatureEndpoints.QuorumName} | tar xz\nin-toto-verify -l root.layout -k owner.pub -t ed25519"
                )
            );
        }
        commands.Add(
            new ProofCommand("sha256sum", "It is the file that this page is about.", $"echo '{main.Hash}  '{file} | sha256sum --check")
        );
        return commands;
    }

    private static ProofCommand Cosign(ProofState state, string origin, string file, string build) =>
        state.IsInLog
            ? new ProofCommand(
                "cosign 3",
                "The site's key signed who built it, and the log has the signature. Asks nobody.",
                $"""
                curl -fsSO {build}/{SignatureEndpoints.KeyName} -O {origin}/trusted_root.json -o {file}.sigstore.json {build}/{BundleEndpoints.ProvenanceName}
                cosign verify-blob-attestation --key {SignatureEndpoints.KeyName} --trusted-root trusted_root.json --bundle {file}.sigstore.json --type slsaprovenance1 {file}
                """
            )
            : new ProofCommand(
                "cosign",
                "The site's key signed who built it.",
                $"""
                curl -fsSO {build}/{SignatureEndpoints.KeyName} -o {file}.intoto.json {build}/provenance
                cosign verify-blob-attestation --key {SignatureEndpoints.KeyName} --insecure-ignore-tlog=true --type slsaprovenance1 --signature {file}.intoto.json {file}
                """
            );
}
