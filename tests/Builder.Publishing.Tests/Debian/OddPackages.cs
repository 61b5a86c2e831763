namespace Builder.Publishing.Tests.Debian;

/// <summary>
/// Odd packages, each with what must become of it: published (then the real apt and dpkg must take it), or refused with these
/// words. What dpkg 1.21 and apt 2.6 say of each was tried.
/// </summary>
internal static class OddPackages
{
    /// <param name="Refusal">Words of the refusal; null: it is published.</param>
    public sealed record Odd(string Label, Func<string, string, Task<byte[]>> Make, string? Refusal);

    public static IEnumerable<Odd> All => [.. Fields, .. Files, .. DataEntries, .. ControlEntries, .. Members, .. Packings];

    private static readonly string[] BadRelations =
    [
        "foo (>= 1.0",
        "foo bar",
        "foo (>> )",
        ", foo",
        "foo,, bar",
        "foo,",
        "foo >= 1.0",
        "foo [amd64]",
        "foo <!nocheck>",
        "${misc:Depends}",
        "foo | ",
        "| foo",
        "\"foo\"",
        "foo; bar",
        "foo (>= v1)",
        "foo (>= 1_0)",
        "f\u00c3\u00a9",
        "foo (=> 1.0)",
        "foo (== 1.0)",
        "(foo)",
        "foo (",
        "foo: (>= 1)",
        "foo (>= 1-)",
        "foo (>= a:1)",
        "foo (>= 1) (<< 2)",
        "-foo",
        "foo (>= 1 2)",
        "foo (>= 1:)",
    ];

    private static readonly string[] GoodRelations =
    [
        "foo",
        "foo (>= 1.0)",
        "foo(>=1.0)",
        "foo (= 1:2.3-4~bpo+1), bar",
        "foo | bar (<< 2)",
        "foo:any",
        "foo:amd64 (>= 1)",
        "foo (>= 1:2:3)",
        "foo,\n bar",
        "r2, 0ad",
        "Foo_Bar",
        "foo (> 1.0)",
        "foo (1.0)",
    ];

    private static IEnumerable<Odd> Fields =>
        [
            .. BadRelations.Select(value => Field($"Depends: {value}", "Depends cannot be read")),
            .. GoodRelations.Select(value => Field($"Depends: {value}", null)),
            .. new[]
            {
                "Pre-Depends",
                "Recommends",
                "Suggests",
                "Enhances",
                "Conflicts",
                "Breaks",
                "Replaces",
                "Provides",
                "Built-Using",
                "Static-Built-Using",
            }.SelectMany(name =>
                new[]
                {
                    Field($"{name}: foo bar", $"{name} cannot be read"),
                    Field($"{name}: foo (", $"{name} cannot be read"),
                    Field($"{name}:", null),
                }
            ),
            .. new[] { "Conflicts", "Breaks", "Replaces", "Provides" }.Select(name => Field($"{name}: foo | bar", "alternatives")),
            Field("Provides: foo (>= 1)", "exactly one version"),
            Field("Provides: virtual-foo (= 1), virtual-bar", null),
            Field("Recommends: foo (>= 1) | bar", null),
            Field("Breaks: foo (<< 1)", null),
            Field("Depends:", null),
            Field("Depends: ", null),
            Field("Section:", null),
            Field("Tag:\n some::thing", null),
            Field("Multi-Arch: yes", "Multi-Arch"),
            Field("Multi-Arch: Same", "Multi-Arch"),
            Field("Multi-Arch: same", "all architectures"),
            Field("Multi-Arch: foreign", null),
            Field("Multi-Arch: allowed", null),
            Field("Essential: maybe", "yes or no"),
            Field("Protected: maybe", "yes or no"),
            Field("Important: x", "yes or no"),
            Field("Essential: no", null),
            Field("Installed-Size: lots", "number of KiB"),
            Field("Installed-Size: -5", "number of KiB"),
            Field("Installed-Size: 12", null),
            Field("Description-md5: zz", "32 hexadecimal"),
            Field("Description-md5: 0123456789abcdef0123456789abcdeg", "32 hexadecimal"),
            Field("Description-md5: 0123456789abcdef0123456789abcdef", null),
            Field("Description-md5:", null),
            Field("Status: install ok installed", "dpkg's own database"),
            Field("Config-Version: 1", "dpkg's own database"),
            Field("Conffiles:\n /etc/x 0", "dpkg's own database"),
            Field("Triggers-Pending: x", "dpkg's own database"),
            Field("Revision: 5", "obsolete"),
            Field("Package_Revision: 5", "obsolete"),
            Field("Recommended: x", "obsolete"),
            Field("Version: 2", "twice"),
            Field("depends: x\nDepends: y", "twice"),
            Field("-foo: x", "no field"),
            Field("#foo: x", "no field"),
            Field("Depends : x", "no field"),
            Field("no colon", "no field"),
            Field(": x", "no field"),
            Field("X: short", "no field"),
            Field("XY:\t tabs\t", null),
            Field("Tag: x\n \ny", "line of spaces"),
            Field("XY: a\u0007b", "control characters"),
            Field("XY: a\r", "control characters"),
            Field("Size: 5", null),
            Field("SHA256: 00", null),
            Field("Builder-Job: forged", null),
            Field("Homepage: <x>", null),
            Field("Task: a b", null),
            Field("Priority: a b", "one word"),
            Field("Section: ../x y", "one word"),
            Field("Priority: weird", null),
            Field("Source: foo (", "NAME (VERSION)"),
            Field("Source: foo (1.2-3)", null),
            Field("Source: foo", null),
        ];

    private static IEnumerable<Odd> Files =>
        [
            Whole(
                "no newline at the end",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name).TrimEnd('\n')), RawDeb.Data(name)),
                "newline"
            ),
            Whole(
                "not UTF-8",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name, "XY: \u00ff\n")), RawDeb.Data(name)),
                "not UTF-8"
            ),
            Whole(
                "two paragraphs",
                name => RawDeb.Make(RawDeb.ControlTar($"{RawDeb.Control(name)}\n{RawDeb.Control("other")}"), RawDeb.Data(name)),
                "more than one paragraph"
            ),
            Whole(
                "NUL in the control file",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name, "XY: \0\n")), RawDeb.Data(name)),
                "control characters"
            ),
            Whole("empty lines at the end", name => RawDeb.Make(RawDeb.ControlTar($"{RawDeb.Control(name)}\n\n"), RawDeb.Data(name)), null),
        ];

    private static IEnumerable<Odd> DataEntries =>
        [
            .. "xg7SVMNDAZ\u0001".Select(type => InData($"type {type}", tar => tar.Add("./x", type), "dpkg does not unpack")),
            InData("pax", tar => tar.Add("./PaxHeaders/x", 'x', RawTar.Pax("path", "./y")).Add("./x", content: "x"), "pax headers"),
            InData("type NUL", tar => tar.Add("./x", '\0', "x"), null),
            InData("fifo", tar => tar.Add("./x", '6'), null),
            InData("symbolic link", tar => tar.Add("./x", '2', link: "/nowhere"), null),
            InData("hard link", tar => tar.Add("./x", content: "x").Add("./y", '1', link: "./x"), null),
            InData(
                "hard link to a file that comes later",
                tar => tar.Add("./y", '1', link: "./x").Add("./x", content: "x"),
                "no file before it"
            ),
            InData("hard link with content", tar => tar.Add("./x", content: "x").Add("./y", '1', "x", link: "./x"), "has content"),
            InData(
                "long name",
                tar => tar.Add("././@LongLink", 'L', $"./{new string('n', 150)}\0").Add($"./{new string('n', 98)}", content: "x"),
                null
            ),
            InData("long link", tar => tar.Add("././@LongLink", 'K', $"/{new string('n', 150)}\0").Add("./x", '2', link: "/n"), null),
            InData("long name of nothing", tar => tar.Add("././@LongLink", 'L', "./x\0"), "truncated"),
            InData("name with a prefix", tar => tar.Add("x", content: "x", magic: "ustar\000", prefix: "."), null),
            InData("file named like a directory with content", tar => tar.Add("./x/", content: "x"), "named like a directory"),
            InData("newline in a name", tar => tar.Add("./a\nb", content: "x"), "newline"),
            InData("no name", tar => tar.Add("", content: "x"), "without a name"),
            InData("absolute", tar => tar.Add("/x", content: "x"), "is absolute"),
            InData("leads out", tar => tar.Add("./../x", content: "x"), "leads out"),
            InData("hard link that leads out", tar => tar.Add("./x", '1', link: "../../etc/passwd"), "leads out"),
            InData("name that is not UTF-8", tar => tar.Add("./\u00ff", content: "x"), null),
            Whole(
                "data without an end mark",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), RawDeb.Data(name)[..^1024]),
                null
            ),
            Whole(
                "data with one zero block",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), RawDeb.Data(name)[..^512]),
                null
            ),
            Whole(
                "data with many zero blocks",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), [.. RawDeb.Data(name), .. new byte[9216]]),
                null
            ),
            Whole(
                "data that ends in a header",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), [.. RawDeb.Data(name)[..^1024], .. new byte[100]]),
                "truncated"
            ),
            Whole(
                "data with a wrong sum",
                name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), Changed(RawDeb.Data(name), 0)),
                "sum of a header"
            ),
            Whole("empty data", name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), []), "is empty"),
        ];

    private static IEnumerable<Odd> ControlEntries =>
        [
            InControl("control without an end mark", (tar, control) => tar.Add("./control", content: control).Open(), null),
            InControl("control as a plain name", (tar, control) => tar.Add("control", content: control).End(), null),
            InControl("no directory entry", (_, control) => new RawTar().Add("./control", content: control).End(), null),
            InControl("no control", (tar, _) => tar.Add("./other", content: "x").End(), "no control file"),
            InControl(
                "two controls",
                (tar, control) => tar.Add("./control", content: control).Add("control", content: control).End(),
                "two files"
            ),
            InControl(
                "a control by another name",
                (tar, control) => tar.Add("./control", content: control).Add("././control", content: control).End(),
                "only files"
            ),
            InControl(
                "a control behind a directory",
                (tar, control) => tar.Add("./control", content: control).Add("./a/", '5').End(),
                "only files"
            ),
            InControl(
                "control is a link",
                (tar, control) => tar.Add("./other", content: control).Add("./control", '2', link: "other").End(),
                "only files"
            ),
            InControl(
                "control is a hard link",
                (tar, control) => tar.Add("./other", content: control).Add("./control", '1', link: "./other").End(),
                "only files"
            ),
            InControl(
                "pax in control",
                (tar, control) => tar.Add("./P", 'x', RawTar.Pax("mtime", "1.5")).Add("./control", content: control).End(),
                "pax headers"
            ),
            InControl("md5sums", (tar, control) => tar.Add("./control", content: control).Add("./md5sums", content: "zz\n").End(), null),
            InControl(
                "conffiles",
                (tar, control) => tar.Add("./control", content: control).Add("./conffiles", content: "/usr/share/none\n").End(),
                null
            ),
            InControl(
                "relative conffile",
                (tar, control) => tar.Add("./control", content: control).Add("./conffiles", content: "etc/x\n").End(),
                "absolute path"
            ),
            InControl(
                "conffiles without a newline",
                (tar, control) => tar.Add("./control", content: control).Add("./conffiles", content: "/etc/x").End(),
                "newline"
            ),
            InControl(
                "triggers",
                (tar, control) =>
                    tar.Add("./control", content: control).Add("./triggers", content: "# c\nactivate-noawait ldconfig\n").End(),
                null
            ),
            InControl(
                "unknown trigger",
                (tar, control) => tar.Add("./control", content: control).Add("./triggers", content: "explode now\n").End(),
                "no directive"
            ),
        ];

    private static IEnumerable<Odd> Members =>
        [
            InAr(
                "format 2.1",
                (c, d) => RawDeb.Ar(("debian-binary", "2.1\nmore\n"u8.ToArray()), ("control.tar", c), ("data.tar", d)),
                null
            ),
            InAr("format 3", (c, d) => RawDeb.Ar(("debian-binary", "3.0\n"u8.ToArray()), ("control.tar", c), ("data.tar", d)), "format 2"),
            InAr(
                "format without a newline",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0"u8.ToArray()), ("control.tar", c), ("data.tar", d)),
                "format 2"
            ),
            InAr(
                "data first",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0\n"u8.ToArray()), ("data.tar", d), ("control.tar", c)),
                "its members are not"
            ),
            InAr(
                "a signature",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", c), ("data.tar", d), ("_gpgorigin", [1])),
                null
            ),
            InAr(
                "a signature before",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0\n"u8.ToArray()), ("_x", [1]), ("control.tar", c), ("data.tar", d)),
                null
            ),
            InAr(
                "a signature first",
                (c, d) => RawDeb.Ar(("_x", [1]), ("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", c), ("data.tar", d)),
                "its members are not"
            ),
            InAr(
                "another member",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", c), ("data.tar", d), ("extra", [1])),
                "after its data"
            ),
            InAr(
                "two controls",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", c), ("control.tar", c), ("data.tar", d)),
                "its members are not"
            ),
            InAr(
                "names with slashes",
                (c, d) => RawDeb.Ar(("debian-binary/", "2.0\n"u8.ToArray()), ("control.tar/", c), ("data.tar/", d)),
                null
            ),
            InAr(
                "unknown packing",
                (c, d) => RawDeb.Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", c), ("data.tar.br", d)),
                "dpkg cannot read"
            ),
        ];

    private static IEnumerable<Odd> Packings =>
        [
            .. new[]
            {
                ("gzip -c", ".gz"),
                ("xz -c", ".xz"),
                ("zstd -q -c", ".zst"),
                ("bzip2 -c", ".bz2"),
                ("xz --format=lzma -c", ".lzma"),
            }.Select(how => Packed(how.Item1, ".xz", "xz -c", how.Item2, null)),
            Packed("gzip -c", ".gz", "gzip -c", ".gz", null),
            Packed("zstd -q -c", ".zst", "zstd -q -c", ".zst", null),
            Packed("gzip -c", ".bz2", "bzip2 -c", ".gz", "dpkg cannot read"),
            Packed("gzip -c", ".gz", "gzip -c", ".xz", "cannot be unpacked"),
            Packed("gzip -c | head -c 100", ".gz", "gzip -c", ".gz", "cannot be unpacked"),
            Packed("bzip2 -c | head -c 60", ".gz", "gzip -c", ".bz2", "cannot be unpacked"),
            Packed("xz --format=lzma -c | head -c 60", ".gz", "gzip -c", ".lzma", "cannot be unpacked"),
            Packed("xz -c --lzma2=dict=128MiB", ".gz", "gzip -c", ".xz", "dictionary of more than 64 MiB"),
            Packed("xz -c --lzma2=dict=64MiB", ".gz", "gzip -c", ".xz", null),
        ];

    private static Odd Field(string line, string? refusal) => Whole(line, name => RawDeb.Make(name, $"{line}\n"), refusal);

    private static Odd InData(string label, Func<RawTar, RawTar> add, string? refusal) =>
        Whole(
            $"data: {label}",
            name => RawDeb.Make(RawDeb.ControlTar(RawDeb.Control(name)), add(new RawTar().Add("./", '5')).End()),
            refusal
        );

    private static Odd InControl(string label, Func<RawTar, string, byte[]> tar, string? refusal) =>
        Whole($"control: {label}", name => RawDeb.Make(tar(new RawTar().Add("./", '5'), RawDeb.Control(name)), RawDeb.Data(name)), refusal);

    private static Odd InAr(string label, Func<byte[], byte[], byte[]> make, string? refusal) =>
        Whole($"members: {label}", name => make(RawDeb.ControlTar(RawDeb.Control(name)), RawDeb.Data(name)), refusal);

    private static Odd Whole(string label, Func<string, byte[]> make, string? refusal) =>
        new(label, (name, _) => Task.FromResult(make(name)), refusal);

    private static Odd Packed(string dataPacker, string controlEnding, string controlPacker, string dataEnding, string? refusal) =>
        new(
            $"packed: {controlPacker}, {dataPacker}",
            async (name, directory) =>
                RawDeb.Make(
                    await RawDeb.PackAsync(directory, RawDeb.ControlTar(RawDeb.Control(name)), controlPacker),
                    await RawDeb.PackAsync(directory, RawDeb.Data(name), dataPacker),
                    $"control.tar{controlEnding}",
                    $"data.tar{dataEnding}"
                ),
            refusal
        );

    private static byte[] Changed(byte[] bytes, int at)
    {
        bytes[at] ^= 0x40;
        return bytes;
    }
}
