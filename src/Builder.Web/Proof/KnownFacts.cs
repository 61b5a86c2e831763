using System.Globalization;
using Builder.Protocol.Values;
using Builder.Web.Html;

namespace Builder.Web.Proof;

/// <summary>Says in plain words what is known of the main binary of a build. Nothing is claimed that no statement says.</summary>
internal static class KnownFacts
{
    public static IEnumerable<KnownFact> Of(ProofState state)
    {
        if (state.Retraction is { } retraction)
            yield return new KnownFact(
                "retraction",
                "bad",
                "taken back",
                $"The operator took this build back on {Date(retraction.At)}: {retraction.Because}"
            );
        yield return Built(state);
        yield return Signed(state);
        if (Isolation(state) is { } isolation)
            yield return isolation with
            {
                Text = isolation.Text + Root(state),
            };
        if (Level(state) is { } level)
            yield return new KnownFact("level", "good", "level", $"The signer states SLSA build level {level}.");
        yield return Reproduced(state);
        yield return Logged(state);
        if (state.Retraction is null && state.Provenance is not null)
            yield return new KnownFact("retraction", "good", "stands", "The operator has not taken this build back.");
    }

    private static KnownFact Built(ProofState state)
    {
        var build = state.Build;
        var text = $"job {build.Job} on {build.Platform}, on {Wording.Moment(build.Started)}";
        if (state.Predicate is not { } predicate)
            return new KnownFact("built", "plain", "built", $"The database says: built by {text}. No signed statement says so.");
        return predicate.BuilderId.EndsWith("/builders/imported", StringComparison.Ordinal)
            ? new KnownFact(
                "built",
                "plain",
                "imported",
                $"Uploaded as finished, said to be built by {text}. No build server vouches for it."
            )
            : new KnownFact("built", "good", "built", $"A build server recorded that it was built by {text}.");
    }

    private static KnownFact Signed(ProofState state) =>
        state switch
        {
            { Provenance: { } provenance } => new KnownFact(
                "signed",
                "good",
                "signed",
                $"The signer computed its SHA-256 from the stored bytes and signed it on {Date(provenance.Created)} with key {provenance.KeyId}."
            ),
            { Task.Refusal: { } reason } => new KnownFact(
                "signed",
                "bad",
                "not signed",
                $"The signer signs nothing about this build: {reason}."
            ),
            { Task: not null, Keys: not null } => new KnownFact("signed", "wait", "not signed yet", "The signer signs it within seconds."),
            _ => new KnownFact("signed", "wait", "not signed", "There is no signed statement about this build: this site has no signer."),
        };

    private static KnownFact? Isolation(ProofState state) =>
        state.Predicate?.BuilderId.Split('/')[^1] switch
        {
            "sandboxed" => new KnownFact(
                "isolation",
                "good",
                "sandbox",
                "The worker ran the job in a sandbox, apart from other jobs and from the machine."
            ),
            "sandboxed-shared-proc" => new KnownFact(
                "isolation",
                "good",
                "sandbox",
                "The worker ran the job in a sandbox that shows names of other processes."
            ),
            "unsandboxed" => new KnownFact("isolation", "plain", "no sandbox", "The worker ran the job without a sandbox, or did not say."),
            _ => null,
        };

    /// <summary>A sentence after that about the sandbox; nothing for jobs that saw the worker's own machine.</summary>
    private static string Root(ProofState state) =>
        !JobRoot.TryParse(state.Predicate?.Internal.GetValueOrDefault("root"), out var root) ? ""
        : root.Image is { } image ? $" Its root directory was the image {image}@sha256:{root.Sha256}."
        : $" Its root directory was the tree with digest sha256:{root.Sha256}.";

    private static int? Level(ProofState state)
    {
        const string prefix = "SLSA_BUILD_LEVEL_";
        return state.Summary is { Passed: true } summary
            ? summary
                .VerifiedLevels.Where(level => level.StartsWith(prefix, StringComparison.Ordinal))
                .Select(level =>
                    int.TryParse(level[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
                )
                .Where(number => number > 0)
                .Select(number => (int?)number)
                .Max()
            : null;
    }

    private static KnownFact Reproduced(ProofState state) =>
        state switch
        {
            { OtherOutput: > 0 } => new KnownFact(
                "reproduced",
                "bad",
                "not reproducible",
                $"The same inputs gave other bytes {(state.OtherOutput == 1 ? "once" : $"{Wording.Count(state.OtherOutput)} times")}."
            ),
            { SameOutput: > 0 } => new KnownFact(
                "reproduced",
                "good",
                "reproduced",
                $"{Wording.Count(state.SameOutput, "other build")} of this site gave the same bytes."
            ),
            _ => new KnownFact("reproduced", "plain", "built once", "Nobody has built it again yet."),
        };

    private static KnownFact Logged(ProofState state) =>
        state switch
        {
            { IsInLog: true } => new KnownFact(
                "log",
                "good",
                "in the log",
                $"Entry {Wording.Count(state.Provenance!.LogIndex!.Value)} of the transparency log, which has {Wording.Count(state.LogSize!.Value)}. Whoever follows the log notices if others are told something else."
            ),
            { LogSize: null } => new KnownFact(
                "log",
                "plain",
                "no log",
                "This site has no transparency log. It could tell others something else."
            ),
            _ => new KnownFact("log", "wait", "not in the log", "Its statement is not in the transparency log, or not yet."),
        };

    private static string Date(DateTimeOffset time) => Wording.Date(Timestamp.From(time));
}
