namespace Builder.Protocol.Messages;

/// <summary>What a peer says it is in its hello.</summary>
public enum PeerKind
{
    Client,
    Worker,
}
