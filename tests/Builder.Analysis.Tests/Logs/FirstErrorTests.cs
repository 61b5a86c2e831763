using System.Globalization;
using System.Text;
using Builder.Analysis.Logs;
using Builder.Testing;

namespace Builder.Analysis.Tests.Logs;

public sealed class FirstErrorTests
{
    /// <summary>Logs of real tools run to failure, with the line that a person points at.</summary>
    [Theory]
    [InlineData("known")]
    [InlineData("held-out")]
    public async Task The_line_that_started_the_failure_is_found(string set)
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var row in Vectors.ReadText("failures/expected.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = row.Split(' ');
            if (!fields[0].StartsWith(set + "/", StringComparison.Ordinal))
                continue;
            count++;
            await using var log = Vectors.Open($"failures/{fields[0]}");
            var found = await FirstErrorFinder.FindAsync(log, TestContext.Current.CancellationToken);
            if (found?.Line != long.Parse(fields[1], CultureInfo.InvariantCulture) || found.Tool != fields[2])
                wrong.Add($"{row}: found {found?.Line} {found?.Tool}: {found?.Text}");
        }
        Assert.InRange(count, 60, 110);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("+ rm old.o\nrm: cannot remove 'old.o': No such file or directory\n+ true\n+ make\ncc -c a.c\n")]
    [InlineData("rm old.o\nrm: cannot remove 'old.o': No such file\nmake: [Makefile:3: clean] Error 1 (ignored)\ncc -c a.c\n")]
    [InlineData("a.c:3:1: warning: unused variable 'error' [-Wunused-variable]\n1 warning generated.\n")]
    [InlineData("+ echo error: nothing is wrong\necho \"error: neither is this\"\n")]
    [InlineData("checking for foo.h... no\nchecking for errors... none\nconfigure: WARNING: no foo\n")]
    [InlineData("error: cannot load cache, continuing without it\nBuild succeeded\n")]
    [InlineData("test parse_error_is_reported ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n")]
    [InlineData("")]
    public void Warnings_echoes_and_survived_errors_are_no_answer(string log) => Assert.Null(Find(log));

    [Fact]
    public void Survived_compiler_error_gives_way_to_the_one_that_ended_the_run()
    {
        const string Log = """
            + cc -c probe.c
            probe.c:1:10: fatal error: sys/not_here.h: No such file or directory
            compilation terminated.
            + echo no
            no
            + cc -c main.c
            main.c:3:5: error: 'x' undeclared (first use in this function)
            """;
        Assert.Equal(7, Find(Log)?.Line);
    }

    [Fact]
    public void Times_and_colours_in_front_do_not_hide_an_error()
    {
        var found = Find("0.100s:cc -c a.c\n2.345s:\u001b[1ma.c:3:5: \u001b[31merror: \u001b[0mexpected ';'\n");
        Assert.Equal("a.c:3:5: error: expected ';'", found?.Text);
        Assert.Equal(3, Find("ok\n2026-11-27T06:00:00.1234567Z one\n2026-11-27T06:00:01.1234567Z E: Unable to locate package x\n")?.Line);
    }

    [Theory]
    [InlineData(
        "/build/a/main.c:5:10: fatal error: gmp.h: No such file or directory",
        "src/other.c:120:1: fatal error: gmp.h: No such file or directory"
    )]
    [InlineData(
        "make: *** No rule to make target '/tmp/x1/a.o', needed by 'b'.  Stop.",
        "make: *** No rule to make target '/home/y/a.o', needed by 'b'.  Stop."
    )]
    [InlineData(
        "curl: (7) Failed to connect to h port 80 after 12 ms: Refused",
        "curl: (7) Failed to connect to h port 80 after 1034 ms: Refused"
    )]
    [InlineData("prog: error: at 0x7f3a12bc9d00 in f", "prog: error: at 0x55e0aa101230 in f")]
    public void Paths_numbers_and_addresses_do_not_tell_errors_apart(string one, string other) =>
        Assert.Equal(Find(one)!.Fingerprint, Find(other)!.Fingerprint);

    [Theory]
    [InlineData("a.c:5:10: fatal error: gmp.h: No such file", "a.c:5:10: fatal error: zlib.h: No such file")]
    [InlineData("error[E0425]: cannot find value `a` in this scope", "error[E0433]: cannot find value `a` in this scope")]
    [InlineData("CMake Error at CMakeLists.txt:5 (message):\n  no GMP\n", "CMake Error at CMakeLists.txt:5 (message):\n  no TLS\n")]
    public void Different_errors_have_different_fingerprints(string one, string other) =>
        Assert.NotEqual(Find(one)!.Fingerprint, Find(other)!.Fingerprint);

    [Fact]
    public async Task Any_bytes_are_read_and_memory_stays_bounded()
    {
        var random = new Random(3);
        var log = new byte[4 << 20];
        random.NextBytes(log);
        Array.Fill(log, (byte)'x', 0, 1 << 20);
        await using var stream = new MemoryStream(log);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = await FirstErrorFinder.FindAsync(stream, TestContext.Current.CancellationToken);
        Assert.True(found is null || found.Text.Length <= 2000);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 400 << 20);
    }

    [Fact]
    public void Json_round_trip_keeps_the_answer()
    {
        var found = Find("one\n\"two\" ‘three’\nerror: \u202e<b>\n")!;
        using var json = System.Text.Json.JsonDocument.Parse(FirstErrorJson.Write(found));
        Assert.Equivalent(found, FirstErrorJson.Read(json.RootElement));
        Assert.Equal(3, json.RootElement.GetProperty("context").GetArrayLength());
    }

    private static FirstError? Find(string log)
    {
        var finder = new FirstErrorFinder();
        foreach (var line in log.Split('\n'))
            finder.Add(Encoding.UTF8.GetBytes(line));
        return finder.Finish();
    }
}
