namespace Builder.Fuzz;

/// <summary>Makes broken inputs out of good ones. The same seed makes the same ones.</summary>
public sealed class Mutator(int seed)
{
    private const int MaxSteps = 6;

    private static readonly byte[] Telling =
    [
        0x00,
        0x01,
        0x02,
        0x05,
        0x0c,
        0x18,
        0x30,
        0x7f,
        0x80,
        0x81,
        0x84,
        0x88,
        0xa0,
        0xa3,
        0xff,
        (byte)'/',
        (byte)'.',
        (byte)'\n',
    ];

    private readonly Random random = new(seed);

    public byte[] Mutate(IReadOnlyList<byte[]> corpus)
    {
        var input = corpus[random.Next(corpus.Count)].ToList();
        for (var steps = random.Next(1, MaxSteps + 1); steps > 0; steps--)
            Step(input, corpus);
        return [.. input];
    }

    private void Step(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        var at = random.Next(input.Count + 1);
        switch (random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2 when at < input.Count:
                input[at] = (byte)(input[at] + random.Next(-4, 5));
                break;
            case 3:
                input.Insert(at, Telling[random.Next(Telling.Length)]);
                break;
            case 4:
                input.RemoveRange(at, Math.Min(random.Next(1, 9), input.Count - at));
                break;
            case 5:
                input.InsertRange(at, Slice([.. input]));
                break;
            case 6:
                input.InsertRange(at, Slice(corpus[random.Next(corpus.Count)]));
                break;
            default:
                input.RemoveRange(at, input.Count - at);
                break;
        }
    }

    private byte[] Slice(byte[] from)
    {
        var start = random.Next(from.Length + 1);
        return from[start..(start + random.Next(Math.Min(from.Length - start, 64) + 1))];
    }
}
