using System.Diagnostics;
using Builder.Analysis.Difference;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>A program of four modules, built by the compiler of this machine, and edits of it.</summary>
internal sealed class BuiltPrograms : IDisposable
{
    private static readonly Dictionary<string, string> Sources = new(StringComparer.Ordinal)
    {
        ["parse.c"] = """
            #include <string.h>
            #include <stdlib.h>
            int table[64];
            __attribute__((noinline)) static int depth(const char *t) { int d = 0; for (; *t; t++) { if (*t == '(') d++; else if (*t == ')') d--; } return d; }
            __attribute__((noinline)) int parse(const char *text) {
              static int calls;
              calls++;
              switch (text[0]) {
                case 'a': return depth(text) + calls;
                case 'b': return (int)strlen(text) * 3;
                case 'c': return atoi(text + 1);
                case 'd': return table[(unsigned char)text[1] & 63];
                case 'e': return table[7] + calls;
                case 'f': return -1;
                default: return 0;
              }
            }
            int parse_all(char **texts, int count) { int sum = 0; for (int i = 0; i < count; i++) sum += parse(texts[i]); return sum; }

            """,
        ["shape.c"] = """
            #include <stdio.h>
            double area(double r) { return 3.25 * r * r; }
            double ring(double a, double b) { return area(a) - area(b) + 0.125; }
            void show(double r) { printf("area of %f is %f\n", r, area(r)); }
            int chosen(int x) { return x * 7 + 11; }
            int chosen_twice(int x) { return chosen(chosen(x)); }

            """,
        ["words.c"] = """
            #include <string.h>
            const char *const names[] = { "first of all", "second of all", "third of all" };
            const char banner[] = "program of four modules";
            static int find(const char *w) { for (int i = 0; i < 3; i++) if (!strcmp(names[i], w)) return i; return -1; }
            int lookup(const char *w) { int i = find(w); return i < 0 ? (int)strlen(banner) : i; }
            const char *describe(int i) { return i == 0 ? "nothing at all" : i < 10 ? "a few of them" : "a great many"; }

            """,
        ["main.c"] = """
            #include <stdio.h>
            int parse_all(char **, int); void show(double); int chosen_twice(int); int lookup(const char *); const char *describe(int);
            double ring(double, double);
            int main(int argc, char **argv) {
              show(argc);
              printf("%d %d %d %s %f\n", parse_all(argv, argc), chosen_twice(argc), lookup(argv[0]), describe(argc), ring(argc, 2));
              return 0;
            }

            """,
    };

    private readonly TemporaryDirectory directory = new();
    private int count;

    public BuiltPrograms()
    {
        Requirement.Programs("gcc", "strip", "objcopy");
        Left = Directory.CreateDirectory(directory["left"]).FullName;
        Right = Directory.CreateDirectory(directory["right"]).FullName;
    }

    /// <summary>Where the sources of each side are.</summary>
    public string Left { get; }

    public string Right { get; }

    public string this[string relative] => directory[relative];

    /// <summary>Builds a program in the directory of one side.</summary>
    /// <param name="edits">File, old text, new text.</param>
    /// <param name="order">Of the modules at the link; the usual one where it is empty.</param>
    public async Task<string> BuildAsync(
        string side,
        string flags = "-O2",
        string linkFlags = "",
        string[]? order = null,
        params (string File, string Old, string New)[] edits
    )
    {
        foreach (var (name, text) in Sources)
        {
            var source = text;
            foreach (var (_, old, replacement) in edits.Where(edit => edit.File == name))
            {
                Assert.Contains(old, source, StringComparison.Ordinal);
                source = source.Replace(old, replacement, StringComparison.Ordinal);
            }
            await File.WriteAllTextAsync(Path.Combine(side, name), source, TestContext.Current.CancellationToken);
        }
        order ??= ["parse.c", "shape.c", "words.c", "main.c"];
        foreach (var name in order)
            await RunAsync("gcc", $"-c {flags} {name} -o {Path.ChangeExtension(name, ".o")}", side);
        var output = directory[$"program-{count++}"];
        await RunAsync(
            "gcc",
            $"{flags} {linkFlags} {string.Join(' ', order.Select(name => Path.ChangeExtension(name, ".o")))} -o {output}",
            side
        );
        return output;
    }

    public static async Task RunAsync(string program, string arguments, string workingDirectory)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = workingDirectory, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {error}");
    }

    public static Task<DifferenceResult> CompareAsync(string left, string right) =>
        DifferenceEngine.CompareAsync(left, right, new DifferenceOptions(), TestContext.Current.CancellationToken);

    public void Dispose() => directory.Dispose();
}
