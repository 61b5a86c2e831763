namespace Builder.Worker.Processes;

/// <summary>Where the lines of a job go. Called from one thread; a slow sink makes the job wait in its writes.</summary>
internal interface IConsoleSink
{
    /// <param name="line">Without its newline; valid during the call only.</param>
    void Write(ReadOnlySpan<byte> line);

    /// <summary>Nothing more is to be had at the moment: what was written should go out now.</summary>
    void Flush();
}
