namespace Builder.Cli.Manual;

/// <summary>Tells what a shell can offer for the value of an option or argument.</summary>
internal static class ValueKinds
{
    /// <param name="name">What help calls the value: <c>FILE</c>.</param>
    public static ValueKind Of(Type type, string name, IReadOnlyList<string> words)
    {
        if (words.Count > 0)
            return ValueKind.Words;
        if (type == typeof(FileInfo))
            return ValueKind.File;
        if (type == typeof(DirectoryInfo))
            return ValueKind.Directory;
        return name.ToUpperInvariant() switch
        {
            "FILE" or "PATH" or "SOCKET" or "SCRIPT" or "LEFT" or "RIGHT" => ValueKind.File,
            "DIR" or "DIRECTORY" or "CONFIG-DIR" => ValueKind.Directory,
            _ => ValueKind.Other,
        };
    }
}
