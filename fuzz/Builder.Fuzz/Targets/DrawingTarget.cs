using System.Text;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;

namespace Builder.Fuzz.Targets;

/// <summary>Names of strangers in a picture: the input takes the place of a binary's symbol names, and of the title.</summary>
internal static class DrawingTarget
{
    private static readonly Lazy<byte[]> Binary = new(() =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Corpus", "elf", "symbols.hvt"))
    );

    public static FuzzTarget Create() => new("drawing", Run);

    private static void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        var binary = (byte[])Binary.Value.Clone();
        if (!ElfFile.TryRead(ByteSource.Of(binary), out var file, out var reason))
            throw new InvalidDataException(reason);
        var names = file.Section(".strtab") ?? throw new InvalidDataException("the seed has no names");
        for (var at = 0; at < (int)names.Size; at += input.Length)
            input.AsSpan(0, Math.Min(input.Length, (int)names.Size - at)).CopyTo(binary.AsSpan((int)names.Offset + at));
        ElfTarget.Run(binary);

        if (!Dissection.TryDissect(file, DissectionOptions.Default, out var dissection, out reason))
            throw new InvalidDataException(reason);
        var title = Encoding.UTF8.GetString(input);
        foreach (var width in (int[])[320, 1280])
            ElfTarget.RequireSafe(Treemap.Svg(dissection, new TreemapOptions { Title = title, Width = width }));
    }
}
