namespace Builder.Storage.Accounts;

/// <summary>What a password hash costs (RFC 7914): 128·N·r bytes of memory, time in N·r·p.</summary>
public sealed record ScryptParameters(int N, int R, int P)
{
    private const long MaxMemory = 256L * 1024 * 1024;

    public static ScryptParameters Default { get; } = new(16384, 8, 1);

    /// <summary>Null where the parameters can be used, else why not.</summary>
    public string? Refusal()
    {
        if (N < 2 || (N & (N - 1)) != 0)
            return $"scrypt N is {N}: it must be a power of two above 1";
        if (R < 1 || P < 1)
            return $"scrypt r is {R} and p is {P}: both must be at least 1";
        if (128L * N * R > MaxMemory || (long)R * P >= 1 << 24)
            return $"scrypt N={N} r={R} p={P} needs more than {MaxMemory / 1024 / 1024} MB";
        return null;
    }
}
