using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Messages;

/// <summary>The messages that only our own programs exchange; docs/protocol.md.</summary>
public sealed class ExtendedWorkerTests
{
    private static readonly BuildUuid Uuid = BuildUuid.Parse("03256a82-f30b-4974-aea3-d7888233254d");

    public static TheoryData<Command, string> Messages =>
        new()
        {
            { new Command.ClientHello(PeerKind.Worker, ProtocolVersion.ExtendedWorker), "ae0a3008a1020500020203ee" },
            { new Command.PeerIdentity(ByteString.FromUtf8("w1"), ByteString.Empty), "b80830060c0277310c00" },
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

    [Fact]
    public void Facts_of_a_worker_come_back_as_they_were_sent()
    {
        var sent = new WorkerFacts(new IsolationTier(IsolationKind.SandboxSharedProc, "this container covers parts of \"/proc\""));
        Assert.Equal(sent, WorkerFacts.From(sent.ToCommand()));
        sent = sent with { Isolation = sent.Isolation with { Root = JobRoot.OfTree(new string('a', 64)) } };
        Assert.Equal(sent, WorkerFacts.From(sent.ToCommand()));
    }

    [Theory]
    [InlineData("""{"isolation":"sandbox","isolation_reason":"r","more":1}""", IsolationKind.Sandbox, "r")]
    [InlineData("""{"isolation":"sandbox","isolation_reason":"r","root":"disk:7"}""", IsolationKind.Sandbox, "r")]
    [InlineData(
        """{"isolation":"vm","isolation_reason":"r"}""",
        IsolationKind.None,
        "this server does not know the worker's tier \"vm\"; update the server"
    )]
    public void Facts_of_a_later_worker_never_count_for_more_than_is_known(string json, IsolationKind kind, string reason) =>
        Assert.Equal(new IsolationTier(kind, reason), WorkerFacts.From(Request(json)).Isolation);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"isolation":1,"isolation_reason":"r"}""")]
    [InlineData("""{"isolation":"sandbox","isolation_reason":[[[[[[]]]]]]}""")]
    public void Other_bodies_are_refused(string json) => Assert.Throws<ProtocolException>(() => WorkerFacts.From(Request(json)));

    private static Command.Request Request(string json) => new(ByteString.FromUtf8(WorkerFacts.Verb), ByteString.FromUtf8(json));
}
