namespace Builder.Fuzz;

/// <summary>Something that takes bytes of strangers.</summary>
/// <param name="Name">On the command line, and the folder of its corpus.</param>
/// <param name="RunAsync">Returns where the input was taken or refused as it should be; any exception is a find.</param>
public sealed record FuzzTarget(string Name, Func<byte[], Task> RunAsync)
{
    public FuzzTarget(string name, Action<byte[]> run)
        : this(
            name,
            input =>
            {
                run(input);
                return Task.CompletedTask;
            }
        ) { }
}
