using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A job that is a shell script for one platform.</summary>
/// <param name="Platform"><c>no-platform</c> where the peer left it out.</param>
public sealed record ScriptJob(ByteString Name, ByteString Platform, ByteString Script) : Job(Name)
{
    /// <summary>What stands for an absent platform.</summary>
    public static ByteString NoPlatform { get; } = ByteString.FromUtf8("no-platform");
}
