using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// A name plus how to build it, as it stands on the wire: text is any bytes. Who keeps a job parses its name to
/// <see cref="JobName"/> and its platform to <see cref="Protocol.Values.Platform"/> first.
/// </summary>
public abstract record Job
{
    private protected Job(ByteString name) => Name = name;

    public ByteString Name { get; init; }
}
