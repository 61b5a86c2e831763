using System.Collections;

namespace Builder.Worker.Execution;

/// <summary>What a job finds in its environment: little, so that builds do not depend on how the worker was started.</summary>
internal static class JobEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Kept =
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LC_ALL",
        "TZ",
        "http_proxy",
        "https_proxy",
        "ftp_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    ];

    /// <param name="additions"><c>NAME=VALUE</c>, or <c>NAME</c> for the worker's own value.</param>
    public static IReadOnlyList<string> From(IDictionary workers, IEnumerable<string> additions)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = DefaultPath, ["SHELL"] = "/bin/sh" };
        foreach (var name in Kept)
            Copy(name);
        foreach (var addition in additions)
        {
            if (addition.Split('=', 2) is [var name, var value])
                variables[name] = value;
            else
                Copy(addition);
        }
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];

        void Copy(string name)
        {
            if (workers[name] is string { Length: > 0 } value)
                variables[name] = value;
        }
    }
}
