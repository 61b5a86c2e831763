namespace Builder.Protocol.Values;

/// <summary>What a worker changes around a job that it builds again. The numbers stand in the server's journal.</summary>
[Flags]
public enum Variations
{
    None = 0,

    /// <summary>The clock, more than a day ahead.</summary>
    Time = 1,

    /// <summary>The directory that the job runs in.</summary>
    Path = 2,

    Hostname = 4,

    /// <summary>User name, number and home directory.</summary>
    User = 8,

    /// <summary><c>LC_ALL</c> and <c>LANG</c>.</summary>
    Locale = 16,

    /// <summary><c>TZ</c>.</summary>
    TimeZone = 32,

    Umask = 64,

    /// <summary>One processor instead of all.</summary>
    Cpus = 128,

    /// <summary>The order in which directories list their files.</summary>
    FileOrder = 256,

    /// <summary>The kernel's release, as uname(2) says it.</summary>
    Kernel = 512,
}
