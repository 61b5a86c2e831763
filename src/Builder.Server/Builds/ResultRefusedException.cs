namespace Builder.Server.Builds;

/// <summary>What a job left is more than the server takes: that is the job's failure, and building it again would not help.</summary>
/// <param name="reason">The result of the build, for people.</param>
internal sealed class ResultRefusedException(string reason) : Exception(reason);
