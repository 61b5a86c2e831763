using System.Buffers;
using System.Xml;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;

namespace Builder.Fuzz.Targets;

/// <summary>An ELF file: refused with a reason, or every byte of it belongs to something and its picture is well-formed.</summary>
internal static class ElfTarget
{
    public static FuzzTarget Create() => new("elf", Run);

    internal static void Run(byte[] input)
    {
        if (!ElfFile.TryRead(ByteSource.Of(input), out var file, out var reason))
        {
            RequireReason(reason);
            return;
        }
        if (!Solo5.TryRead(file, out _, out reason))
            RequireReason(reason);
        if (!Dissection.TryDissect(file, DissectionOptions.Default, out var dissection, out reason))
        {
            RequireReason(reason);
            return;
        }
        if (!dissection.IsOfStripped && dissection.Root.Size != input.Length)
            throw new InvalidDataException($"{dissection.Root.Size} of {input.Length} bytes are attributed");
        RequireSafe(Treemap.Svg(dissection, new TreemapOptions { Title = "fuzz", Width = 700 }));
    }

    /// <summary>Bidirectional controls, invisible space, NUL and escape.</summary>
    private static readonly SearchValues<char> Steering = SearchValues.Create("\u202A\u202B\u202D\u202E\u2066\u2067\u200B\u0000\u001B");

    internal static void RequireSafe(string svg)
    {
        using var reader = XmlReader.Create(new StringReader(svg), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName is "script" or "foreignObject" or "a" or "image")
                throw new InvalidDataException($"a name became the element {reader.LocalName}");
        }
        if (svg.AsSpan().ContainsAny(Steering))
            throw new InvalidDataException("a name kept a character that steers the text around it");
    }

    private static void RequireReason(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason))
            throw new InvalidDataException("refused without a reason");
    }
}
