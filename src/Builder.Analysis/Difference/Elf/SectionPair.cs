using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>A section of one side and the one of the same name of the other; one of them may be missing.</summary>
/// <param name="IsSame">Same bytes, wherever they are.</param>
internal sealed record SectionPair(string Name, ElfSection? Left, ElfSection? Right, bool IsSame)
{
    private const int BlockLength = 1 << 16;

    /// <summary>The bytes differ on both sides.</summary>
    public bool IsChanged => Left is not null && Right is not null && !IsSame;

    public static List<SectionPair> Of(ElfSide left, ElfSide right, CancellationToken cancellationToken)
    {
        var waiting = new Dictionary<string, Queue<ElfSection>>(StringComparer.Ordinal);
        var stable = new Dictionary<string, Queue<ElfSection>>(StringComparer.Ordinal);
        foreach (var section in right.Sections.Where(IsOne))
            QueueOf(waiting, section.Name).Enqueue(section);
        var partners = new ElfSection?[left.Sections.Length];
        var taken = new HashSet<int>();
        foreach (var section in left.Sections.Where(IsOne))
        {
            if (waiting.TryGetValue(section.Name, out var queue) && queue.TryDequeue(out var other))
                partners[section.Index] = Take(other);
        }
        foreach (var section in right.Sections.Where(section => IsOne(section) && !taken.Contains(section.Index)))
            QueueOf(stable, StableNameOf(section.Name)).Enqueue(section);
        var pairs = new List<SectionPair>();
        foreach (var section in left.Sections.Where(IsOne))
        {
            if (
                partners[section.Index] is null
                && stable.TryGetValue(StableNameOf(section.Name), out var queue)
                && queue.TryDequeue(out var other)
            )
                partners[section.Index] = Take(other);
            cancellationToken.ThrowIfCancellationRequested();
            var partner = partners[section.Index];
            pairs.Add(
                new SectionPair(
                    section.Name,
                    section,
                    partner,
                    partner is not null && AreEqual(left, section, right, partner, cancellationToken)
                )
            );
        }
        pairs.AddRange(
            right
                .Sections.Where(section => IsOne(section) && !taken.Contains(section.Index))
                .Select(section => new SectionPair(section.Name, null, section, false))
        );
        return pairs;

        ElfSection Take(ElfSection section)
        {
            taken.Add(section.Index);
            return section;
        }
    }

    private static bool IsOne(ElfSection section) => section.Type != 0;

    private static Queue<ElfSection> QueueOf(Dictionary<string, Queue<ElfSection>> queues, string name)
    {
        if (!queues.TryGetValue(name, out var queue))
            queues.Add(name, queue = new Queue<ElfSection>());
        return queue;
    }

    // .gnu.lto_main.0.4f2a91c07be3d815: a seed of the compiler stands in the name.
    private static string StableNameOf(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && name.Length - dot > 8 && StableName.IsHex(name.AsSpan(dot + 1)) ? name[..dot] : name;
    }

    private static bool AreEqual(
        ElfSide left,
        ElfSection leftSection,
        ElfSide right,
        ElfSection rightSection,
        CancellationToken cancellationToken
    )
    {
        if (leftSection.Size != rightSection.Size || leftSection.HasBytes != rightSection.HasBytes)
            return false;
        if (!leftSection.HasBytes)
            return true;
        if (!left.File.IsInside(leftSection.Offset, leftSection.Size) || !right.File.IsInside(rightSection.Offset, rightSection.Size))
            return false;
        var length = (int)Math.Min(BlockLength, leftSection.Size);
        var (a, b) = (new byte[length], new byte[length]);
        for (ulong at = 0; at < leftSection.Size; at += (uint)length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min((ulong)length, leftSection.Size - at);
            left.File.Source.Read((long)(leftSection.Offset + at), a.AsSpan(0, count));
            right.File.Source.Read((long)(rightSection.Offset + at), b.AsSpan(0, count));
            if (!a.AsSpan(0, count).SequenceEqual(b.AsSpan(0, count)))
                return false;
        }
        return true;
    }
}
