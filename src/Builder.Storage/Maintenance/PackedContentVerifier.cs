using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Storage.Packing;

namespace Builder.Storage.Maintenance;

/// <summary>Makes each content from its packed form: it must come out with its hash. A damaged base is named with each content that needs it.</summary>
internal sealed class PackedContentVerifier(Verification verification, PackedArtifactStore store)
{
    private const int RowsAtOnce = 1000;

    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Sha256Digest? last = null;
        List<PackedContent> some;
        do
        {
            await using (var session = await verification.Database.OpenReadAsync(cancellationToken))
                some = await PackedRows.AfterAsync(session, last, RowsAtOnce, cancellationToken);
            foreach (var content in some)
            {
                last = content.Digest;
                if (await CheckAsync(content, cancellationToken) is { } finding)
                    yield return finding;
                verification.CountOne();
            }
        } while (some.Count == RowsAtOnce);
    }

    private async Task<Finding?> CheckAsync(PackedContent content, CancellationToken cancellationToken)
    {
        if (await WhyBrokenAsync(content, cancellationToken) is null)
            return null;
        return await verification.UnderLockAsync(
            async session =>
            {
                if (
                    await PackedRows.FindAsync(session, content.Digest, cancellationToken) is not { Object: not null } now
                    || await WhyBrokenAsync(now, cancellationToken) is not { } reason
                )
                    return null;
                var path = verification.Relative(verification.Directory.OfArtifact(content.Digest));
                var finding = new Finding(
                    FindingKind.Changed,
                    path,
                    $"it is stored packed, and {reason}{await WhoNeedsAsync(session, content, cancellationToken)}"
                );
                if (!verification.Repair || !await store.Stored.ExistsAsync(content.Digest, cancellationToken))
                    return finding;
                await PackedRows.ForgetAsync(session, store.Stored, now, cancellationToken);
                return finding with { Repaired = "the content itself is there; its packed form is removed" };
            },
            cancellationToken
        );
    }

    private async Task<string?> WhyBrokenAsync(PackedContent content, CancellationToken cancellationToken)
    {
        try
        {
            using var made = await store.Rebuilder.RebuildAsync(content, cancellationToken);
            verification.CountBytes(made.Length);
            return null;
        }
        catch (BrokenPackingException exception)
        {
            return exception.Message;
        }
    }

    private static async Task<string> WhoNeedsAsync(
        Database.DatabaseSession session,
        PackedContent content,
        CancellationToken cancellationToken
    ) =>
        await session.QueryFirstAsync(
            "SELECT build.uuid FROM build_artifact JOIN build ON build.id = build_artifact.build WHERE build_artifact.sha256 = @digest LIMIT 1",
            static row => $"; an artifact of build {row.Text(0)} has this content",
            cancellationToken,
            ("@digest", content.Digest)
        ) ?? "";
}
