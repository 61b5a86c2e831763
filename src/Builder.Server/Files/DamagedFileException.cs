namespace Builder.Server.Files;

/// <summary>A file of the server does not hold what the server wrote.</summary>
/// <param name="offset">Where the damage begins, in bytes from the start of the file.</param>
internal sealed class DamagedFileException(string path, long offset, string problem)
    : IOException($"{path} is damaged at byte {offset}: {problem}")
{
    public string Path { get; } = path;

    public string Problem { get; } = problem;

    public long Offset { get; } = offset;
}
