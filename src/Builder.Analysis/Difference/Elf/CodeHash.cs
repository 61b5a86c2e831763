namespace Builder.Analysis.Difference.Elf;

/// <summary>Hashes of functions without their addresses, each computed once, and only for functions that no name matches.</summary>
internal sealed class CodeHash(CodeReader reader, ElfFunction[] functions)
{
    private readonly ulong[] hashes = new ulong[functions.Length];

    /// <summary>Never 0.</summary>
    public ulong this[int function]
    {
        get
        {
            ref var hash = ref hashes[function];
            if (hash == 0)
                hash = Compute(functions[function]) | 1;
            return hash;
        }
    }

    private ulong Compute(ElfFunction function)
    {
        var hash = Fingerprint.Start;
        if (!reader.TryStart(function))
            return hash;
        while (reader.Next(out var item))
        {
            if (item.IsPadding)
                continue;
            hash = Fingerprint.Mix(Fingerprint.Mix(hash, item.First), item.Second ^ (ulong)item.Reference << 40);
        }
        return hash;
    }
}
