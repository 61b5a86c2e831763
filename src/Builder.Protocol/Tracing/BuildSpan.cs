namespace Builder.Protocol.Tracing;

/// <summary>The spans of a build that other processes refer to. Their ids follow from the uuid of the build and their names.</summary>
public enum BuildSpan
{
    /// <summary>From the queue until the server has the result on disk: the root of the trace.</summary>
    Build,

    /// <summary>The job waits for a worker.</summary>
    Queue,

    /// <summary>A worker has the lease.</summary>
    Run,

    /// <summary>What the worker does with the job.</summary>
    Job,

    /// <summary>The server takes result and artifacts in.</summary>
    Spool,

    /// <summary>The site makes the build visible. What it does with it afterwards in the background is below.</summary>
    Commit,
}
