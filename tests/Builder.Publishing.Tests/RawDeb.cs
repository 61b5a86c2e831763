using System.Globalization;
using System.Text;

namespace Builder.Publishing.Tests;

/// <summary>Packages byte by byte, as tools make them that are not dpkg-deb (which refuses to make most odd ones).</summary>
internal static class RawDeb
{
    public static string Control(string name, string more = "") =>
        $"Package: {name}\nVersion: 1.0.0\nArchitecture: all\nMaintainer: Tests <tests@example.org>\n{more}Description: an odd package\n";

    public static byte[] Data(string name) =>
        new RawTar()
            .Add("./", '5')
            .Add("./usr/", '5')
            .Add("./usr/share/", '5')
            .Add($"./usr/share/{name}/", '5')
            .Add($"./usr/share/{name}/file", content: "x\n")
            .End();

    public static byte[] ControlTar(string control) => new RawTar().Add("./", '5').Add("./control", content: control).End();

    public static byte[] Make(byte[] controlTar, byte[] data, string controlName = "control.tar", string dataName = "data.tar") =>
        Ar(("debian-binary", "2.0\n"u8.ToArray()), (controlName, controlTar), (dataName, data));

    /// <summary>A package whose control file has these lines more.</summary>
    public static byte[] Make(string name, string more = "") => Make(ControlTar(Control(name, more)), Data(name));

    public static byte[] Ar(params (string Name, byte[] Content)[] members)
    {
        using var archive = new MemoryStream();
        archive.Write("!<arch>\n"u8);
        foreach (var (name, content) in members)
        {
            archive.Write(
                Encoding.ASCII.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name, -16}{1763769600, -12}{0, -6}{0, -6}{"100644", -8}{content.Length, -10}`\n"
                    )
                )
            );
            archive.Write(content);
            if (content.Length % 2 != 0)
                archive.WriteByte((byte)'\n');
        }
        return archive.ToArray();
    }

    public static async Task<string> WriteAsync(string directory, byte[] package)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"{Guid.NewGuid():N}.deb");
        await File.WriteAllBytesAsync(path, package);
        return path;
    }

    /// <summary>Through the packer, such as <c>bzip2 -c</c>.</summary>
    public static async Task<byte[]> PackAsync(string directory, byte[] content, string packer)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(path, content);
        await Tools.SucceedAsync("sh", ["-c", $"{packer} < '{path}' > '{path}.packed'"]);
        return await File.ReadAllBytesAsync($"{path}.packed");
    }
}
