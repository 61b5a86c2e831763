using System.Text;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Advisories;

/// <summary>The modules that the Go linker writes into each program, as <c>go version -m</c> prints them (debug/buildinfo).</summary>
public static class GoBuildInfo
{
    private const int MaxLength = 4 << 20;
    private static readonly byte[] Magic = Encoding.Latin1.GetBytes("\u00ff Go buildinf:");

    /// <summary>Null where the program has none; the standard library is the package <c>stdlib</c>.</summary>
    public static PackageSet? Read(ElfFile file)
    {
        if (file.Section(".go.buildinfo") is not { HasBytes: true } section || ReadSection(file, section) is not { } bytes)
            return null;
        var start = bytes.AsSpan().IndexOf(Magic);
        if (start < 0 || bytes.Length - start < 32)
            return null;
        var info = bytes.AsSpan(start);
        // Before Go 1.18 the texts are elsewhere, behind pointers.
        if ((info[15] & 2) == 0)
            return new PackageSet([], ["The program was built by Go 1.17 or older: its modules cannot be read."]);
        info = info[32..];
        if (!TryTakeText(ref info, out var version) || !TryTakeText(ref info, out var modules))
            return new PackageSet([], ["The build information of the Go program cannot be read."]);
        var packages = new List<ContainedPackage> { new(Ecosystem.Go, "stdlib", GoVersion.Normalize(version), PackageWay.Linked) };
        AddModules(modules, packages);
        return new PackageSet([.. packages.Take(PackageSet.MaxPackages)], []);
    }

    // Lines of "dep\tPATH\tVERSION\tHASH"; "=>" replaces the module of the line before.
    private static void AddModules(string modules, List<ContainedPackage> packages)
    {
        foreach (var line in modules.Split('\n'))
        {
            var words = line.Split('\t');
            if (words is ["dep" or "mod", { Length: > 0 } path, var version, ..])
                packages.Add(
                    new ContainedPackage(
                        Ecosystem.Go,
                        path,
                        version is "(devel)" or "" ? null : GoVersion.Normalize(version),
                        words[0] == "mod" ? PackageWay.Root : PackageWay.Linked
                    )
                );
            else if (words is ["=>", { Length: > 0 } other, var otherVersion, ..] && packages.Count > 1)
                packages[^1] = packages[^1] with
                {
                    Name = other,
                    Version = otherVersion.Length == 0 ? null : GoVersion.Normalize(otherVersion),
                };
        }
        // The program itself is no package with a version that anybody could have looked up.
        packages.RemoveAll(static package => package is { Way: PackageWay.Root, Version: null });
    }

    private static bool TryTakeText(ref Span<byte> bytes, out string text)
    {
        text = "";
        var length = 0UL;
        for (var index = 0; ; index++)
        {
            if (index >= bytes.Length || index > 9)
                return false;
            length |= (ulong)(bytes[index] & 0x7f) << (7 * index);
            if (bytes[index] < 0x80)
            {
                bytes = bytes[(index + 1)..];
                break;
            }
        }
        if (length > (ulong)bytes.Length)
            return false;
        var content = bytes[..(int)length];
        bytes = bytes[(int)length..];
        // The list of modules has sixteen bytes of marks at each end.
        text = Encoding.UTF8.GetString(content is { Length: >= 33 } && content[^17] == '\n' ? content[16..^16] : content);
        return true;
    }

    private static byte[]? ReadSection(ElfFile file, ElfSection section)
    {
        if (section.Size > MaxLength || !file.IsInside(section.Offset, section.Size))
            return null;
        var bytes = new byte[section.Size];
        file.Source.Read((long)section.Offset, bytes);
        return bytes;
    }
}
