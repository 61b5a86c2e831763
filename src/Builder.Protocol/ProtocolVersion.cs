namespace Builder.Protocol;

/// <summary>Versions in the hello; a peer with another one is refused.</summary>
public static class ProtocolVersion
{
    public const long Client = 13;

    public const long Worker = 5;
}
