using System.Buffers.Binary;
using Builder.Analysis.Difference;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Machines that the disassembler does not know: what moved is masked where it is known.</summary>
public sealed class OtherMachinesTests
{
    private const ushort Arm64 = 0xB7;
    private const ushort RiscV = 0xF3;
    private const ushort Power64 = 0x15;
    private const ulong Text = 0x400000;
    private const ulong Data = 0x80000000;
    private const int TextOffset = 64;

    [Theory]
    [InlineData(Arm64)]
    [InlineData(RiscV)]
    [InlineData(Power64)]
    public async Task A_function_before_them_grows_and_the_others_only_move(ushort machine)
    {
        var result = await CompareAsync(Image(machine, 16, 0), Image(machine, 48, 0));

        Assert.Equal([(CauseKind.Code, ".text before")], result.Causes.Select(cause => (cause.Kind, cause.Path)));
        Assert.Equal("1 function changed, 2 only moved", result.Root!.Changes.Single(change => change.Place == "functions").Text);
    }

    [Theory]
    [InlineData(Arm64)]
    [InlineData(RiscV)]
    [InlineData(Power64)]
    public async Task Another_instruction_is_seen(ushort machine)
    {
        var result = await CompareAsync(Image(machine, 16, 0), Image(machine, 16, 1));

        Assert.Equal([(CauseKind.Code, ".text callee")], result.Causes.Select(cause => (cause.Kind, cause.Path)));
    }

    private static Task<DifferenceResult> CompareAsync(byte[] left, byte[] right) =>
        DifferenceEngine.CompareAsync(
            new Content("left", ByteSource.Of(left)),
            new Content("right", ByteSource.Of(right)),
            "left",
            "right",
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );

    // before, caller (calls callee, takes an address of data where the machine can), callee.
    private static byte[] Image(ushort machine, int before, uint last)
    {
        const int CallerSize = 16;
        var image = new ElfImage()
            .Function("before", before)
            .Function("caller", CallerSize)
            .Function("callee", 8)
            .Unit("Data", 0, 0, 64)
            .ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(18), machine);
        for (var at = 0; at < before; at += 4)
            Write(at, Plain(machine));
        var caller = Text + (uint)before;
        Write(before, Call(machine, CallerSize));
        var (first, second) = Address(machine, caller + 4, Data + 16);
        Write(before + 4, first);
        Write(before + 8, second);
        Write(before + 12, Plain(machine));
        Write(before + CallerSize, Plain(machine));
        Write(before + CallerSize + 4, Plain(machine) + (last << 21));
        return image;

        void Write(int at, uint word) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(TextOffset + at), word);
    }

    // add x0, x0, x1; add a0, a0, a1; add r3, r3, r4
    private static uint Plain(ushort machine) =>
        machine switch
        {
            Arm64 => 0x8B010000,
            RiscV => 0x00B50533,
            _ => 0x7C632214,
        };

    // bl, jal ra, bl
    private static uint Call(ushort machine, uint distance) =>
        machine switch
        {
            Arm64 => 0x94000000 | distance / 4,
            RiscV => 0xEF | (distance >> 1 & 0x3FF) << 21,
            _ => 0x48000001 | distance,
        };

    // adrp x0 and add x0, x0; auipc a0 and addi a0, a0; nothing that depends on the place for Power
    private static (uint, uint) Address(ushort machine, ulong place, ulong target)
    {
        var pages = (uint)((target >> 12) - (place >> 12));
        var distance = (uint)(target - place);
        var high = distance + 0x800 & 0xFFFFF000;
        return machine switch
        {
            Arm64 => (0x90000000 | (pages & 3) << 29 | (pages >> 2 & 0x7FFFF) << 5, 0x91000000 | (uint)(target & 0xFFF) << 10),
            RiscV => (0x517 | high, 0x00050513 | (distance - high) << 20),
            _ => (0x3C620001, 0x38630010),
        };
    }
}
