using System.Security.Cryptography;
using System.Text;

namespace Builder.Storage.Accounts;

/// <summary>What is kept of a password.</summary>
internal sealed record PasswordHash(byte[] Hash, byte[] Salt, ScryptParameters Parameters)
{
    public const int HashSize = 32;
    private const int SaltSize = 16;

    /// <summary>A disabled user's: no password leads to it.</summary>
    public static PasswordHash Disabled { get; } = new([], [], ScryptParameters.Default);

    public bool IsDisabled => Hash.Length == 0;

    public static PasswordHash Of(string password, ScryptParameters parameters)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return new PasswordHash(Scrypt.Derive(Encoding.UTF8.GetBytes(password), salt, parameters, HashSize), salt, parameters);
    }

    /// <summary>Takes as long for a disabled user as for another.</summary>
    public bool Verify(ReadOnlySpan<byte> password)
    {
        var derived = Scrypt.Derive(password, Salt, Parameters, HashSize);
        return CryptographicOperations.FixedTimeEquals(derived, Hash) && !IsDisabled;
    }
}
