namespace Builder.Analysis.Logs;

/// <summary>Errors of build systems and package managers.</summary>
internal static class PackageLines
{
    public static LineClass? Classify(ReadOnlySpan<char> text, bool isIndented) =>
        Make(text) ?? Ninja(text) ?? CMake(text) ?? Opam(text) ?? Apt(text, isIndented) ?? Dpkg(text) ?? Go(text) ?? Others(text);

    private static LineClass? Make(ReadOnlySpan<char> text)
    {
        var mark = text.IndexOf(": ");
        if (mark is <= 0 or > 40 || !IsMake(text[..mark]))
            return null;
        var message = text[(mark + 2)..];
        if (message.StartsWith("Entering directory") || message.StartsWith("Leaving directory") || message.StartsWith("warning:"))
            return LineClass.Neutral;
        if (message.EndsWith("(ignored)"))
            return LineClass.Neutral with { IsSurvival = true };
        if (message.StartsWith("*** Waiting for unfinished jobs"))
            return LineClass.Consequence("make") with { IsWaiting = true };
        if (message.StartsWith("Target '") || message.StartsWith("Target `"))
            return message.Contains("not remade", StringComparison.Ordinal)
                ? LineClass.Consequence("make") with
                {
                    IsKeptGoing = true,
                    IsEnd = true,
                }
                : null;
        if (message.StartsWith("*** No rule to make target") && text.EndsWith("Stop."))
            return LineClass.Diagnostic("make");
        if (message.StartsWith("*** ["))
            return EndOfCommand(message) with { IsEnd = !text[..mark].Contains('[') };
        return message.StartsWith("*** ") ? LineClass.Diagnostic("make")
            : message.EndsWith("No such file or directory") || message.Contains("Permission denied", StringComparison.Ordinal)
                ? LineClass.Complaint("make")
            : null;
    }

    /// <summary>A signal says more than a status: nothing else may have been printed.</summary>
    private static LineClass EndOfCommand(ReadOnlySpan<char> message) =>
        message.LastIndexOf("] Error ") > 0 || message.EndsWith("Error 1") || message.EndsWith("Interrupt")
            ? LineClass.Consequence("make")
            : LineClass.Complaint("make");

    private static bool IsMake(ReadOnlySpan<char> program)
    {
        var bracket = program.IndexOf('[');
        var name = CompilerLines.LastPart(bracket > 0 ? program[..bracket] : program);
        return name is "make" or "gmake" or "bmake" or "mingw32-make";
    }

    private static LineClass? Ninja(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("FAILED: "))
            return LineClass.Consequence("ninja") with { IsWaiting = true };
        if (text.StartsWith("ninja: build stopped"))
            return LineClass.Consequence("ninja") with
            {
                IsEnd = true,
                IsKeptGoing = text.Contains("cannot make progress", StringComparison.Ordinal),
            };
        if (text.StartsWith("ninja: error:") || text.StartsWith("ninja: fatal:"))
            return LineClass.Diagnostic("ninja");
        return text.StartsWith("ninja: ") ? LineClass.Neutral : null;
    }

    private static LineClass? CMake(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("CMake Error"))
            return LineClass.Diagnostic("cmake") with { HasDetails = true };
        if (text.StartsWith("-- Configuring incomplete") || text.StartsWith("CMake Generate step failed"))
            return LineClass.Consequence("cmake") with { IsEnd = true };
        if (text.StartsWith("The following tests FAILED") || text.StartsWith("Errors while running CTest"))
            return LineClass.Consequence("ctest") with { IsTest = true };
        return text.StartsWith("CMake Warning") || text.StartsWith("CMake Deprecation") ? LineClass.Neutral : null;
    }

    private static LineClass? Opam(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("[ERROR] "))
        {
            var message = text[8..];
            if (
                message.StartsWith("The compilation of ")
                || message.StartsWith("The installation of ")
                || message.StartsWith("The removal of ")
            )
                return LineClass.Consequence("opam") with { IsWaiting = true };
            if (message.StartsWith("Package conflict") || message.StartsWith("No solution") || message.StartsWith("Sorry, "))
                return LineClass.Diagnostic("opam") with { HasDetails = true };
            if (message.StartsWith("System package install failed"))
                return LineClass.Consequence("opam");
            if (message.StartsWith("Failed to get sources of ") || message.StartsWith("The sources of "))
                return LineClass.Diagnostic("opam");
            return IsOpam(message) ? LineClass.Diagnostic("opam") : LineClass.Complaint("error");
        }
        if (text.StartsWith("#=== ERROR while "))
            return LineClass.Consequence("opam");
        if (text.StartsWith("opam: ") || text.StartsWith("Fatal error:\n"))
            return LineClass.Diagnostic("opam");
        return text.StartsWith("'opam ") && text.EndsWith("' failed.") ? LineClass.Consequence("opam") : null;
    }

    private static bool IsOpam(ReadOnlySpan<char> message) =>
        message.StartsWith("No package named")
        || message.StartsWith("No repository")
        || message.StartsWith("No switch")
        || message.StartsWith("No compiler")
        || message.StartsWith("Could not")
        || message.StartsWith("Missing dependency")
        || message.StartsWith("At ")
        || message.StartsWith("In ")
        || message.StartsWith("Error")
        || message.StartsWith("Opam")
        || message.Contains("opam", StringComparison.Ordinal)
        || message.Contains("switch", StringComparison.Ordinal)
        || message.Contains("package", StringComparison.OrdinalIgnoreCase);

    private static LineClass? Apt(ReadOnlySpan<char> text, bool isIndented)
    {
        if (!isIndented && text.StartsWith("E: "))
            return
                text.StartsWith("E: Sub-process")
                || text.StartsWith("E: Some index files")
                || text.StartsWith("E: Unable to correct problems")
                || text.StartsWith("E: Unable to fetch some archives")
                || text.StartsWith("E: Aborting install")
                || text.StartsWith("E: Build-dependencies for ")
                || text.StartsWith("E: Failed to process build dependencies")
                || text.StartsWith("E: Unmet dependencies")
                ? LineClass.Consequence("apt")
                : LineClass.Diagnostic("apt");
        if (text.StartsWith("W: ") || text.StartsWith("N: ") || text.StartsWith("Err:") || text.StartsWith("Ign:"))
            return LineClass.Neutral;
        if (isIndented && text.Contains("Depends: ", StringComparison.Ordinal) && text.Contains(" but ", StringComparison.Ordinal))
            return LineClass.Diagnostic("apt");
        return text.StartsWith("The following packages have unmet dependencies") ? LineClass.Neutral : null;
    }

    private static LineClass? Dpkg(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("Errors were encountered while processing"))
            return LineClass.Consequence("dpkg");
        if (
            text.StartsWith("dpkg: error processing")
            || text.StartsWith("installed ") && text.Contains("subprocess returned error", StringComparison.Ordinal)
        )
            return LineClass.Consequence("dpkg") with { HasDetails = true };
        if (text.StartsWith("dpkg: dependency problems prevent"))
            return LineClass.Diagnostic("dpkg") with { HasDetails = true };
        var mark = text.IndexOf(": error: ");
        if (mark is <= 0 or > 40)
            return null;
        var program = text[..mark];
        if (!program.StartsWith("dpkg") && !program.StartsWith("dh") && !program.StartsWith("debuild") && !program.StartsWith("debhelper"))
            return null;
        var message = text[(mark + 9)..];
        return message.Contains("returned exit", StringComparison.Ordinal) || message.Contains("subprocess", StringComparison.Ordinal)
            ? LineClass.Consequence("dpkg") with
            {
                IsEnd = program is "dpkg-buildpackage",
            }
            : LineClass.Diagnostic(program.StartsWith("dpkg") ? "dpkg" : "debhelper");
    }

    private static LineClass? Go(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("--- FAIL: "))
            return LineClass.Consequence("go") with { IsTest = true };
        if (text.StartsWith("--- PASS: ") || text.StartsWith("--- SKIP: "))
            return LineClass.Progress with { IsSurvival = true };
        if (text is "FAIL" || text.StartsWith("FAIL\t"))
            return LineClass.Consequence("go") with { IsTest = true };
        if (!text.StartsWith("go: "))
            return
                text.Contains("import cycle not allowed", StringComparison.Ordinal)
                || text.Contains("no required module provides package", StringComparison.Ordinal)
                || (text.StartsWith("package ") && text.Contains("is not in ", StringComparison.Ordinal))
                || text.StartsWith("missing go.sum entry")
                ? LineClass.Diagnostic("go")
                : null;
        var message = text[4..];
        return
            message.StartsWith("downloading")
            || message.StartsWith("finding")
            || message.StartsWith("extracting")
            || message.StartsWith("creating")
            || message.StartsWith("added")
            || message.StartsWith("upgraded")
            || message.StartsWith("found ")
            || message.StartsWith("to add")
            || message.StartsWith("warning")
            || message.StartsWith("switching")
            ? LineClass.Neutral
            : LineClass.Diagnostic("go");
    }

    private static LineClass? Others(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("npm ERR! ") || text.StartsWith("npm error "))
        {
            var message = text[(text.StartsWith("npm ERR! ") ? 9 : 10)..];
            return
                message.StartsWith("code ")
                || message.StartsWith("path ")
                || message.StartsWith("command ")
                || message.StartsWith("A complete log")
                ? LineClass.Consequence("npm")
                : LineClass.Complaint("npm");
        }
        if (text.StartsWith("configure: error: in "))
            return LineClass.Neutral;
        if (text.StartsWith("configure: error: "))
            return LineClass.Diagnostic("configure");
        return text.StartsWith("ERROR: Could not find a version") || text.StartsWith("ERROR: No matching distribution")
            ? LineClass.Diagnostic("pip")
            : null;
    }
}
