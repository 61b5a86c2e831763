using System.Buffers.Binary;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

public sealed class ElfFileTests
{
    [Fact]
    public void Says_what_the_sample_is()
    {
        var elf = Samples.Elf(Samples.SampleABytes);

        Assert.Equal("98fa2109ad493e78c24b5e84f56917aa2a6f1897", elf.BuildId);
        Assert.Equal("x86-64", elf.Header.MachineName);
        Assert.True(elf.IsPositionIndependentExecutable);
        Assert.False(elf.IsStatic);
        Assert.False(elf.IsStripped);
        Assert.Equal(1_335_276u, elf.Section(".text")!.Size);
    }

    [Fact]
    public void A_stripped_unikernel_is_static_and_stripped()
    {
        var elf = Samples.Elf(Vectors.Read("elf/stripped.spt"));

        Assert.True(elf.IsStatic);
        Assert.True(elf.IsStripped);
        Assert.False(elf.IsPositionIndependentExecutable);
    }

    [Fact]
    public void Big_endian_files_are_read_as_such()
    {
        var bytes = new byte[64];
        "\u007FELF\u0002\u0002\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(18), 0x16);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(52), 64);

        Assert.True(ElfFile.TryRead(ByteSource.Of(bytes), out var elf, out var reason), reason);
        Assert.True(elf.Header.IsBigEndian);
        Assert.Equal("s390x", elf.Header.MachineName);
    }

    [Fact]
    public void Any_single_damaged_byte_is_an_answer_and_no_crash()
    {
        var whole = Vectors.Read("elf/net.hvt");
        var headers = Enumerable.Range(0, 512).Concat(Enumerable.Range(whole.Length - 800, 800));
        foreach (var at in headers)
        {
            foreach (var value in (byte[])[0x00, 0x7F, 0xFF])
            {
                var bytes = (byte[])whole.Clone();
                bytes[at] = value;
                if (
                    ElfFile.TryRead(ByteSource.Of(bytes), out var file, out _)
                    && Dissection.TryDissect(file, DissectionOptions.Default, out var dissection, out _)
                )
                    Assert.Equal(dissection.IsOfStripped ? dissection.Root.Size : bytes.Length, dissection.Root.Size);
            }
        }
    }

    [Fact]
    public void Any_cut_of_a_file_is_an_answer_and_no_crash()
    {
        var whole = Vectors.Read("elf/symbols.hvt");
        for (var length = 0; length < whole.Length; length += 97)
        {
            if (!ElfFile.TryRead(ByteSource.Of(whole.AsMemory(0, length)), out _, out var reason))
                Assert.NotEmpty(reason);
        }
    }
}
