using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Builder.Storage.Accounts;

/// <summary>
/// scrypt (RFC 7914). Each block of 16 words is kept in the order 0 5 10 15 4 9 … so that Salsa20's columns and diagonals
/// are whole vectors.
/// </summary>
internal static class Scrypt
{
    private const int WordsPerBlock = 16;
    private const int VectorsPerBlock = WordsPerBlock / 4;

    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ScryptParameters parameters, int length)
    {
        if (parameters.Refusal() is { } refusal)
            throw new ArgumentException(refusal, nameof(parameters));
        var chunk = 128 * parameters.R;
        var mixed = Rfc2898DeriveBytes.Pbkdf2(password, salt, 1, HashAlgorithmName.SHA256, chunk * parameters.P);
        var vectors = parameters.R * 2 * VectorsPerBlock;
        var memory = new Vector128<uint>[(long)vectors * parameters.N];
        var x = new Vector128<uint>[vectors];
        var y = new Vector128<uint>[vectors];
        for (var i = 0; i < parameters.P; i++)
            Mix(mixed.AsSpan(i * chunk, chunk), memory, x, y, parameters.N);
        return Rfc2898DeriveBytes.Pbkdf2(password, mixed, 1, HashAlgorithmName.SHA256, length);
    }

    private static void Mix(Span<byte> chunk, Vector128<uint>[] memory, Vector128<uint>[] x, Vector128<uint>[] y, int n)
    {
        var size = x.Length;
        Load(chunk, x);
        for (var i = 0; i < n; i++)
        {
            x.CopyTo(memory.AsSpan(i * size, size));
            MixBlocks(x, y);
            (x, y) = (y, x);
        }
        for (var i = 0; i < n; i++)
        {
            // Integerify: the first word of the last block, which stands first in our order too.
            var j = (int)(x[size - VectorsPerBlock][0] & (uint)(n - 1));
            var chosen = memory.AsSpan(j * size, size);
            for (var k = 0; k < size; k++)
                x[k] ^= chosen[k];
            MixBlocks(x, y);
            (x, y) = (y, x);
        }
        Store(x, chunk);
    }

    /// <summary>scryptBlockMix: even blocks of the result go to its first half, odd ones to the second.</summary>
    private static void MixBlocks(ReadOnlySpan<Vector128<uint>> input, Span<Vector128<uint>> output)
    {
        var blocks = input.Length / VectorsPerBlock;
        var a = input[^4];
        var b = input[^3];
        var c = input[^2];
        var d = input[^1];
        for (var i = 0; i < blocks; i++)
        {
            var block = input.Slice(i * VectorsPerBlock, VectorsPerBlock);
            a ^= block[0];
            b ^= block[1];
            c ^= block[2];
            d ^= block[3];
            Salsa20Of8Rounds(ref a, ref b, ref c, ref d);
            var target = output.Slice(((i / 2) + ((i & 1) * blocks / 2)) * VectorsPerBlock, VectorsPerBlock);
            target[0] = a;
            target[1] = b;
            target[2] = c;
            target[3] = d;
        }
    }

    private static void Salsa20Of8Rounds(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        var (x0, x1, x2, x3) = (a, b, c, d);
        for (var i = 0; i < 4; i++)
        {
            x1 ^= RotateLeft(x0 + x3, 7);
            x2 ^= RotateLeft(x1 + x0, 9);
            x3 ^= RotateLeft(x2 + x1, 13);
            x0 ^= RotateLeft(x3 + x2, 18);
            x1 = Vector128.Shuffle(x1, Vector128.Create(3u, 0, 1, 2));
            x2 = Vector128.Shuffle(x2, Vector128.Create(2u, 3, 0, 1));
            x3 = Vector128.Shuffle(x3, Vector128.Create(1u, 2, 3, 0));

            x3 ^= RotateLeft(x0 + x1, 7);
            x2 ^= RotateLeft(x3 + x0, 9);
            x1 ^= RotateLeft(x2 + x3, 13);
            x0 ^= RotateLeft(x1 + x2, 18);
            x1 = Vector128.Shuffle(x1, Vector128.Create(1u, 2, 3, 0));
            x2 = Vector128.Shuffle(x2, Vector128.Create(2u, 3, 0, 1));
            x3 = Vector128.Shuffle(x3, Vector128.Create(3u, 0, 1, 2));
        }
        a += x0;
        b += x1;
        c += x2;
        d += x3;
    }

    private static Vector128<uint> RotateLeft(Vector128<uint> value, int bits) => (value << bits) | (value >>> (32 - bits));

    private static void Load(ReadOnlySpan<byte> bytes, Span<Vector128<uint>> blocks)
    {
        var source = MemoryMarshal.Cast<byte, uint>(bytes);
        var target = MemoryMarshal.Cast<Vector128<uint>, uint>(blocks);
        for (var i = 0; i < source.Length; i++)
            target[i] = LittleEndian(source[(i & ~15) + (i * 5 % 16)]);
    }

    private static void Store(ReadOnlySpan<Vector128<uint>> blocks, Span<byte> bytes)
    {
        var source = MemoryMarshal.Cast<Vector128<uint>, uint>(blocks);
        var target = MemoryMarshal.Cast<byte, uint>(bytes);
        for (var i = 0; i < source.Length; i++)
            target[(i & ~15) + (i * 5 % 16)] = LittleEndian(source[i]);
    }

    private static uint LittleEndian(uint word) =>
        BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
}
