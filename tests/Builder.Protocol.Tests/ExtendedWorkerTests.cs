namespace Builder.Protocol.Tests;

/// <summary>The messages that only our own programs exchange; docs/protocol.md.</summary>
public sealed class ExtendedWorkerTests
{
    private static readonly BuildUuid Uuid = BuildUuid.Parse("03256a82-f30b-4974-aea3-d7888233254d");

    public static TheoryData<Command, string> Messages => new()
    {
        { new Command.ClientHello(PeerKind.Worker, ProtocolVersion.ExtendedWorker), "ae0a3008a1020500020203ed" },
        { new Command.WorkerIdentity(ByteString.FromUtf8("w1"), ByteString.Empty), "b80830060c0277310c00" },
        { new Command.Heartbeat(), "b9020500" },
        { new Command.Cancel(Uuid), "ba120c1003256a82f30b4974aea3d7888233254d" },
        { new Command.ClientHello(PeerKind.Client, ProtocolVersion.ExtendedClient), "ae0a3008a0020500020203f5" },
        { new Command.Request(ByteString.FromUtf8("spool"), ByteString.FromUtf8("{}")), "bc0d300b0c0573706f6f6c0c027b7d" },
        { new Command.Answer(ByteString.FromUtf8("[]")), "bd040c025b5d" },
        { new Command.TimeLimit(10_800), "be0402022a30" },
        { new Command.Usage(Uuid, 1_500_000_000, 4096, 0), "bb21301f0c1003256a82f30b4974aea3d7888233254d020459682f0002021000020100" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Each_has_one_form(Command message, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(Convert.ToHexStringLower(bytes), Convert.ToHexStringLower(CommandCodec.Encode(message)));
        Assert.Equal(message, CommandCodec.Decode(bytes));
    }
}
