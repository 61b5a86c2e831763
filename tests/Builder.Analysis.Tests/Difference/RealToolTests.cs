using System.Diagnostics;
using Builder.Analysis.Difference;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Pairs that the programs of the field make, each also inside other archives.</summary>
public sealed class RealToolTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("builder-difference-test-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    /// <summary>Name, script that makes <c>out</c> with <c>$SIDE</c> left or right and <c>$N</c> 1 or 2, cause, place.</summary>
    public static TheoryData<string, string, string, string, string> Pairs =>
        new()
        {
            { "date line", "echo \"built $(date -u -d @170000000$N)\" > out", "timestamp", "line 1", "sh" },
            { "date of another day in ISO", "date -u -Is -d @17000${N}0000 > out", "timestamp", "line 1", "sh" },
            { "date in RFC 2822", "date -uR -d @17000${N}0000 > out", "timestamp", "line 1", "sh" },
            { "epoch", "echo timestamp=170000000$N > out", "timestamp", "line 1", "sh" },
            { "milliseconds in JSON", "echo '{\"a\":1,\"builtAt\":170000000'$N'123}' > out", "timestamp", "builtAt", "sh" },
            { "the year", "echo \"Copyright 202$N The Authors\" > out", "timestamp", "line 1", "sh" },
            { "compact date", "echo \"version 1.0~2023111$N\" > out", "timestamp", "line 1", "sh" },
            { "build directory", "echo \"compiled in /build/dir$N/src/main.c\" > out", "build-path", "line 1", "sh" },
            { "uuid", "echo '{\"id\":\"'$(cat /proc/sys/kernel/random/uuid)'\"}' > out", "random", "id", "sh" },
            { "key", "echo \"secret: $(printf $N | sha256sum | cut -c1-40)\" > out", "random", "line 1", "sh" },
            { "temporary file", "echo \"wrote $(mktemp -u)\" > out", "random", "line 1", "sh" },
            { "host", "echo \"built by alice@host$N\" > out", "host", "line 1", "sh" },
            { "kernel", "echo \"Linux 6.1.0-1$N-amd64\" > out", "host", "line 1", "sh" },
            { "processors", "echo \"make -j $((N * 4))\" > out", "host", "line 1", "sh" },
            { "decimal comma", "if [ $N = 1 ]; then echo size 1.5; else echo size 1,5; fi > out", "locale", "line 1", "sh" },
            {
                "month names",
                "if [ $N = 1 ]; then echo 'Tue 14 Nov 2023'; else echo 'Di 14. Nov 2023'; fi > out",
                "locale",
                "line 1",
                "sh"
            },
            { "line order", "if [ $N = 1 ]; then printf 'a\\nb\\nc\\n'; else printf 'c\\na\\nb\\n'; fi > out", "ordering", "lines", "sh" },
            {
                "static library with times",
                "echo 'int f;' > f.c; gcc -c f.c; touch -d @170000000$N f.o; ar rcU out f.o",
                "timestamp",
                "f.o: modification time",
                "gcc ar"
            },
            {
                "order in a static library",
                "for i in 1 2; do echo \"int f$i;\" > f$i.c; gcc -c f$i.c; done; if [ $N = 1 ]; then ar rcD out f1.o f2.o; else ar rcD out f2.o f1.o; fi",
                "ordering",
                "order of members",
                "gcc ar"
            },
            {
                "program with a date",
                "echo 'const char *built = __DATE__ \" \" __TIME__; int main(void) { return built[0]; }' > m.c; SOURCE_DATE_EPOCH=17000${N}0000 gcc -o out m.c",
                "timestamp",
                ".rodata",
                "gcc"
            },
            {
                "program with another build id",
                "echo 'int main(void) { return 1; }' > m.c; gcc -Wl,--build-id=0x$(printf $N | md5sum | cut -c1-32) -o out m.c",
                "random",
                ".note.gnu.build-id",
                "gcc"
            },
            {
                "program with a path",
                "mkdir d$N; echo 'int main(void) { return __FILE__[0]; } const char *f = __FILE__;' > d$N/m.c; gcc -o out $PWD/d$N/m.c",
                "build-path",
                ".rodata",
                "gcc"
            },
            {
                "program with another function",
                "echo \"int chosen(void) { return 4$N; } int main(void) { return chosen(); }\" > m.c; gcc -o out m.c",
                "code",
                "chosen",
                "gcc"
            },
            {
                "program of OCaml with another function",
                "printf 'let chosen x = x * 1'$N'\\nlet () = print_int (chosen 4)\\n' > m.ml; ocamlopt -o out m.ml",
                "code",
                "M.chosen",
                "ocamlopt"
            },
            {
                "program of OCaml with a path",
                "mkdir d$N; echo 'let () = print_string __FILE__; assert (Array.length Sys.argv > 0)' > d$N/m.ml; ocamlopt -o out $PWD/d$N/m.ml",
                "build-path",
                ".data",
                "ocamlopt"
            },
            {
                "program of OCaml whose modules have another order",
                "for m in a b; do echo \"let f x = x + 1 let g x = f (x * 2)\" > $m.ml; done; if [ $N = 1 ]; then ocamlopt -o out a.ml b.ml; else ocamlopt -o out b.ml a.ml; fi",
                "ordering",
                ".text",
                "ocamlopt"
            },
            {
                "tar with times",
                "echo a > a; tar cf out --owner=0 --group=0 --mtime=@170000000$N a",
                "timestamp",
                "a: modification time",
                "tar"
            },
            {
                "tar with pax times",
                "echo a > a; touch -d @170000000$N.5 a; tar cf out --format=pax --pax-option=delete=atime,delete=ctime a",
                "timestamp",
                "a: modification time",
                "tar"
            },
            { "tar with owners", "echo a > a; tar cf out --mtime=@1 --owner=user$N:100$N --group=0 a", "file-metadata", "a: owner", "tar" },
            { "tar with modes", "echo a > a; tar cf out --mtime=@1 --mode=06${N}4 a", "file-metadata", "a: mode", "tar" },
            {
                "tar in another order",
                "echo a > a; echo b > b; if [ $N = 1 ]; then tar cf out --mtime=@1 a b; else tar cf out --mtime=@1 b a; fi",
                "ordering",
                "order of members",
                "tar"
            },
            { "tar with another link", "ln -s target$N link; tar cf out --mtime=@1 link", "content", "link: link target", "tar" },
            {
                "tar with a file more",
                "echo a > a; echo b > b$N; if [ $N = 1 ]; then rm b1; fi; tar cf out --mtime=@1 *",
                "content",
                "b2",
                "tar"
            },
            { "gzip with time", "seq 9 > f; touch -d @170000000$N f; gzip -c f > out", "timestamp", "gzip header", "gzip" },
            { "gzip level", "seq 9999 > f; gzip -n$( [ $N = 1 ] && echo 1 || echo 9 ) -c f > out", "compression", "gzip header", "gzip" },
            { "xz level", "seq 99999 > f; xz -$((N * 3)) -c f > out", "compression", "xz header", "xz" },
            { "zstd level", "seq 99999 > f; zstd -q -$((N * 8)) -c f > out", "compression", "", "zstd" },
            { "bzip2 level", "seq 99999 > f; bzip2 -$((N * 3)) -c f > out", "compression", "bzip2 header", "bzip2" },
            {
                "zip with times",
                "echo a > a; touch -d @17000${N}0000 a; zip -qX out.zip a; mv out.zip out",
                "timestamp",
                "a: modification time",
                "zip"
            },
            {
                "zip with extended times",
                "echo a > a; touch -d @170000000$N a; zip -q out.zip a; mv out.zip out",
                "timestamp",
                "a: ",
                "zip"
            },
            {
                "zip level",
                "seq 9999 > a; touch -d @1700000000 a; zip -qX -$((N * 4)) out.zip a; mv out.zip out",
                "compression",
                "a: ",
                "zip"
            },
            {
                "Debian package with a date",
                "mkdir -p p/DEBIAN p/usr; printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@b.c>\\nDescription: p\\n' > p/DEBIAN/control; date -u -d @17000${N}0000 > p/usr/info; (cd p; md5sum usr/info > DEBIAN/md5sums); SOURCE_DATE_EPOCH=1700000000 dpkg-deb -b --root-owner-group p out >/dev/null",
                "timestamp",
                "data.tar.",
                "dpkg-deb"
            },
            {
                "Debian package with times",
                "mkdir -p p/DEBIAN p/usr; printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@b.c>\\nDescription: p\\n' > p/DEBIAN/control; echo a > p/usr/a; find p | xargs touch -d @17000${N}0000; SOURCE_DATE_EPOCH=170${N}000000 dpkg-deb -b --root-owner-group p out >/dev/null",
                "timestamp",
                "data.tar.xz/./usr/a: modification time",
                "dpkg-deb"
            },
            {
                "python bytecode",
                "echo 'x = 1' > m.py; touch -d @17000${N}0000 m.py; python3 -c \"import py_compile; py_compile.compile('m.py', cfile='out', dfile='m.py')\"",
                "timestamp",
                "header",
                "python3"
            },
            {
                "python bytecode in another directory",
                "echo 'def f(): pass' > m.py; touch -d @1700000000 m.py; python3 -c \"import py_compile; py_compile.compile('m.py', cfile='out', dfile='/build/$N-x/m.py')\"",
                "build-path",
                "",
                "python3"
            },
            {
                "cpio with times",
                "echo a > a; touch -d @17000${N}0000 a; echo a | cpio --quiet --reproducible -o -H newc > out",
                "timestamp",
                "a: modification time",
                "cpio"
            },
            {
                "compiled catalogue",
                "printf 'msgid \"\"\\nmsgstr \"\"\\n\"PO-Revision-Date: 2023-11-1'$N' 10:00+0000\\\\n\"\\n' > a.po; msgfmt -o out a.po",
                "timestamp",
                "PO-Revision-Date",
                "msgfmt"
            },
        };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Each_has_its_cause_first_alone_and_in_other_archives(
        string name,
        string script,
        string cause,
        string where,
        string programs
    )
    {
        Requirement.Programs(programs.Split(' '));
        foreach (var (wrapper, prefix) in Wrappers(name))
        {
            var (left, right) = (await MakeAsync(script, wrapper, 1), await MakeAsync(script, wrapper, 2));
            var result = await DifferenceEngine.CompareAsync(left, right, new DifferenceOptions(), TestContext.Current.CancellationToken);
            var all = $"{name}, {wrapper}:\n{string.Join('\n', result.Causes)}";
            Assert.True(result.Causes.Count > 0, all);
            Assert.True(cause == CauseNames.NameOf(result.Causes[0].Kind), all);
            Assert.True(result.Causes[0].Path.Contains(where, StringComparison.Ordinal), all);
            Assert.True(result.Causes[0].Path.StartsWith(prefix, StringComparison.Ordinal), all);
        }
    }

    private static IEnumerable<(string Script, string Prefix)> Wrappers(string name)
    {
        yield return ("", "");
        yield return ("tar cf w --mtime=@1 --owner=0 --group=0 --mode=644 out && gzip -nc w > out", "out");
        if (!name.Contains("zip", StringComparison.Ordinal))
            yield return ("touch -d @1000000000 out && chmod 644 out && zip -qX w.zip out && xz -c w.zip > out", "out");
    }

    private async Task<string> MakeAsync(string script, string wrapper, int number)
    {
        var directory = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        var start = new ProcessStartInfo("sh") { WorkingDirectory = directory, RedirectStandardError = true };
        start.ArgumentList.Add("-ec");
        start.ArgumentList.Add($"{script}\n{wrapper}");
        start.Environment["N"] = $"{number}";
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error);
        return Path.Combine(directory, "out");
    }
}
