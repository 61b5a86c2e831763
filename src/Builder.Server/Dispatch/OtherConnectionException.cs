namespace Builder.Server.Dispatch;

/// <summary>Another connection of the worker has the build, or writes its result.</summary>
internal sealed class OtherConnectionException() : Exception("another connection of the worker has the build");
