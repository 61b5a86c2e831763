namespace Builder.Analysis.Logs;

/// <summary>Diagnostics of compilers, linkers and interpreters.</summary>
internal static class CompilerLines
{
    /// <param name="text">Trimmed.</param>
    /// <param name="isIndented">Passed on by another tool, or details of another line.</param>
    public static LineClass? Classify(ReadOnlySpan<char> text, bool isIndented) =>
        Linker(text) ?? AtPlace(text) ?? Driver(text) ?? (isIndented ? null : Rust(text) ?? OCaml(text)) ?? Runtime(text);

    private static LineClass? AtPlace(ReadOnlySpan<char> text)
    {
        var isVet = text.StartsWith("vet: ");
        if (!Places.TryFileLine(isVet ? text[5..] : text, out var file, out var after))
            return null;
        var message = (isVet ? text[5..] : text)[after..].TrimStart();
        if (file.EndsWith(".go"))
            return Go(file, message);
        if (message.StartsWith("warning", StringComparison.OrdinalIgnoreCase) || message.StartsWith("note:"))
            return LineClass.Neutral;
        if (file.EndsWith("meson.build") && message.StartsWith("ERROR"))
            return LineClass.Diagnostic("meson");
        if (message.StartsWith("*** ") && (message.EndsWith("Stop.") || file.EndsWith("Makefile") || file.EndsWith(".mk")))
            return LineClass.Diagnostic("make");
        if (message.StartsWith("undefined reference to") || message.StartsWith("multiple definition of"))
            return LineClass.Diagnostic("ld");
        if (
            message.StartsWith("error:")
            || message.StartsWith("fatal error:")
            || message.StartsWith("internal compiler error:")
            || message.StartsWith("Error: ")
            || message.StartsWith("fatal error ")
            || message.StartsWith("syntax error")
            || message.StartsWith("error -")
            || message.StartsWith("error TS")
            || (message.StartsWith("error ") && message.Contains(':'))
        )
            return LineClass.Diagnostic(
                file.EndsWith(".rs") ? "rust"
                : file.EndsWith(".hs") ? "ghc"
                : file.EndsWith(".ts") ? "tsc"
                : file.EndsWith(".ac") || file.EndsWith(".am") || file.EndsWith(".m4") ? "autoconf"
                : "gcc"
            );
        // pytest's summary of where: the details stood before.
        return IsExceptionName(message.TrimEnd(':')) && file.EndsWith(".py") ? LineClass.Consequence("python") : null;
    }

    /// <summary>Lines of the compiler, of vet and of failed tests; what is no more than a log line of a test is decided by what follows.</summary>
    private static LineClass? Go(ReadOnlySpan<char> file, ReadOnlySpan<char> message) =>
        message.StartsWith("warning") ? LineClass.Neutral
        : file.EndsWith("_test.go") ? LineClass.Complaint("go") with { IsTest = true }
        : message.IsEmpty ? null
        : message.StartsWith("fatal error:") || message.StartsWith("error:") ? LineClass.Diagnostic("gcc")
        : message.StartsWith("note:") ? LineClass.Neutral
        : file.Contains('@') || message.StartsWith("+0x") ? null
        : LineClass.Diagnostic("go");

    private static LineClass? Linker(ReadOnlySpan<char> text)
    {
        if (text.Contains("collect2: ", StringComparison.Ordinal) || text.Contains("linker command failed", StringComparison.Ordinal))
            return text.Contains("error", StringComparison.Ordinal) ? LineClass.Consequence("ld") : null;
        if (
            text.Contains("undefined reference to ", StringComparison.Ordinal)
            || text.Contains("multiple definition of ", StringComparison.Ordinal)
            || text.Contains("ld: cannot find ", StringComparison.Ordinal)
            || text.Contains("ld: library not found", StringComparison.Ordinal)
            || text.Contains("ld: undefined symbol", StringComparison.Ordinal)
        )
            return LineClass.Diagnostic("ld");
        var colon = text.IndexOf(": ");
        if (colon <= 0)
            return text.StartsWith("Undefined symbols for architecture") ? LineClass.Diagnostic("ld") : null;
        var program = LastPart(text[..colon]);
        if (program is not ("ld" or "ld.lld" or "ld.bfd" or "ld.gold" or "lld" or "gold" or "mold" or "ld64.lld" or "wasm-ld"))
            return null;
        var message = text[(colon + 2)..];
        return message.Contains("warning: ", StringComparison.Ordinal) ? LineClass.Neutral
            : message.Contains("in function", StringComparison.Ordinal) ? LineClass.Neutral
            : LineClass.Diagnostic("ld");
    }

    private static LineClass? Driver(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(": ");
        if (colon is <= 0 or > 60)
            return null;
        var program = LastPart(text[..colon]);
        var isGcc =
            program is "cc1" or "cc1plus" or "cc" or "c++" or "as" or "f951" or "lto1"
            || Ends(program, "gcc")
            || Ends(program, "g++")
            || Ends(program, "gfortran");
        var isClang = program.StartsWith("clang");
        if (!isGcc && !isClang)
            return null;
        var message = text[(colon + 2)..];
        var tool = isClang ? "clang" : "gcc";
        if (message.StartsWith("all warnings being treated as errors") || message.StartsWith("some warnings being treated"))
            return LineClass.Consequence(tool);
        return
            message.StartsWith("error:")
            || message.StartsWith("fatal error:")
            || message.StartsWith("internal compiler error")
            || message.StartsWith("out of memory")
            || message.StartsWith("error trying to exec")
            ? LineClass.Diagnostic(tool)
            : null;
    }

    private static LineClass? Rust(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("error[E") && text.Contains(']'))
            return LineClass.Diagnostic("rust");
        if (!text.StartsWith("error: "))
            return null;
        var message = text[7..];
        if (message.StartsWith("could not compile") || message.StartsWith("aborting due to") || message.StartsWith("build failed"))
            return LineClass.Consequence("cargo") with { IsEnd = true };
        if (message.StartsWith("linking with") || message.StartsWith("failed to run custom build command"))
            return LineClass.Consequence("cargo") with { IsWaiting = true };
        if (message.Contains("test failed, to rerun", StringComparison.Ordinal) || message.StartsWith("process didn't exit successfully"))
            return LineClass.Consequence("cargo") with { IsEnd = true };
        return
            message.StartsWith("no matching package")
            || message.StartsWith("failed to select a version")
            || message.StartsWith("failed to parse manifest")
            || message.StartsWith("failed to get `")
            || message.StartsWith("failed to load")
            || message.StartsWith("failed to download")
            || message.StartsWith("failed to fetch")
            || message.StartsWith("could not find `Cargo.toml`")
            || message.StartsWith("the lock file")
            || message.StartsWith("package `")
            || message.StartsWith("no such command:")
            || message.StartsWith("toolchain '")
            ? LineClass.Diagnostic("cargo")
            : null;
    }

    private static LineClass? OCaml(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("Error: Dependency cycle") || text.StartsWith("Error: Library \"") || text.StartsWith("Error: No rule found"))
            return LineClass.Diagnostic("dune");
        if (text.StartsWith("Error: ") || text.StartsWith("Error (warning ") || text.StartsWith("Error (alert "))
            return LineClass.Diagnostic("ocaml");
        if (text.StartsWith("Fatal error: exception ") || text.StartsWith("Fatal error: "))
            return LineClass.Diagnostic("ocaml");
        if (text.StartsWith("ocamlfind: "))
            return text.Contains("WARNING", StringComparison.OrdinalIgnoreCase) ? LineClass.Neutral : LineClass.Diagnostic("ocamlfind");
        // dune's way to show that two files differ.
        if (text.StartsWith("File \"") && text.EndsWith(", characters 0-0:"))
            return LineClass.Consequence("dune");
        return text.StartsWith("Exception: ") || text.StartsWith("Uncaught exception") ? LineClass.Diagnostic("ocaml") : null;
    }

    private static LineClass? Runtime(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("thread '") && text.Contains("panicked at", StringComparison.Ordinal))
            return LineClass.Diagnostic("rust");
        if (text.StartsWith("panic: ") || (text.StartsWith("fatal error: ") && text.Contains("goroutine", StringComparison.Ordinal)))
            return LineClass.Diagnostic("go");
        if (text.StartsWith("Can't locate ") && text.Contains("@INC", StringComparison.Ordinal))
            return LineClass.Diagnostic("perl");
        if (text.StartsWith("Exception in thread \""))
            return LineClass.Diagnostic("java");
        if (text.StartsWith("BEGIN failed--") || text.StartsWith("Compilation failed in require"))
            return LineClass.Consequence("perl");
        if (
            text.StartsWith("terminate called after throwing")
            || text.Contains("Assertion `", StringComparison.Ordinal)
            || text.Contains("Assertion failed", StringComparison.Ordinal)
            || text.Contains("ERROR: AddressSanitizer", StringComparison.Ordinal)
            || text.Contains("runtime error: ", StringComparison.Ordinal)
        )
            return LineClass.Diagnostic("abort");
        return null;
    }

    /// <summary><c>ValueError</c>, <c>package.module.SomeException</c>.</summary>
    public static bool IsExceptionName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > 120 || !(char.IsAsciiLetter(name[0]) || name[0] == '_'))
            return false;
        foreach (var character in name)
        {
            if (!(char.IsAsciiLetterOrDigit(character) || character is '_' or '.'))
                return false;
        }
        return name.EndsWith("Error") || name.EndsWith("Exception") || name is "SystemExit" or "KeyboardInterrupt" or "StopIteration";
    }

    public static ReadOnlySpan<char> LastPart(ReadOnlySpan<char> path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool Ends(ReadOnlySpan<char> program, string name) =>
        program.EndsWith(name) && (program.Length == name.Length || program[^(name.Length + 1)] == '-');
}
