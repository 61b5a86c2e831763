namespace Builder.Architecture.Tests;

/// <summary>The clone of the repository that these tests were built in.</summary>
internal static class Repository
{
    /// <exception cref="InvalidOperationException">The tests were moved out of it.</exception>
    public static string Root
    {
        get
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Builder.slnx")))
                directory =
                    Path.GetDirectoryName(directory)
                    ?? throw new InvalidOperationException("the tests do not lie within a clone of the repository");
            return directory;
        }
    }
}
