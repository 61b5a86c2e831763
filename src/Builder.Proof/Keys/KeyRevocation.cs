namespace Builder.Proof.Keys;

/// <summary>A key that others may have.</summary>
/// <param name="Since">From then on its signatures prove nothing.</param>
/// <param name="SinceLogIndex">
/// From this entry of the transparency log on its statements are void: a time in a statement proves nothing once others have the key, the order of the log does.
/// Null where there is no log.
/// </param>
/// <param name="Because">A sentence for people.</param>
public sealed record KeyRevocation(DateTimeOffset Since, long? SinceLogIndex, string Because)
{
    public const int MaxReasonLength = 2000;
}
