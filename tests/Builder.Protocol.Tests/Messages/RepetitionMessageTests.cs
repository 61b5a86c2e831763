using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Messages;

public sealed class RepetitionMessageTests
{
    [Fact]
    public void An_order_is_read_as_it_was_written()
    {
        var order = new RepetitionOrder(
            BuildUuid.NewRandom(),
            Variations.Time | Variations.Kernel,
            1_700_000_000,
            new Dictionary<string, ByteString> { ["opam-switch"] = ByteString.FromUtf8("opam-version: \"2.0\"") }
        );

        var read = RepetitionOrder.From(order.ToCommand());

        Assert.Equal((order.Repeats, order.Vary, order.Date), (read.Repeats, read.Vary, read.Date));
        Assert.Equal(order.Recorded, read.Recorded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"repeats":"no","vary":"","recorded":{}}""")]
    [InlineData("""{"repeats":"11562e8b-49f0-4972-8a86-10e5bc6ecdd4","vary":1,"recorded":{}}""")]
    [InlineData("""{"repeats":"11562e8b-49f0-4972-8a86-10e5bc6ecdd4","vary":"time","recorded":{"opam-switch":"%"}}""")]
    [InlineData("""{"repeats":"11562e8b-49f0-4972-8a86-10e5bc6ecdd4","vary":"time","source_date_epoch":"x","recorded":{}}""")]
    public void What_is_no_order_breaks_the_protocol(string body) =>
        Assert.Throws<ProtocolException>(() =>
            RepetitionOrder.From(new Command.Request(ByteString.FromUtf8(RepetitionOrder.Verb), ByteString.FromUtf8(body)))
        );

    [Fact]
    public void Files_that_record_no_inputs_are_passed_over()
    {
        const string body =
            """{"repeats":"11562e8b-49f0-4972-8a86-10e5bc6ecdd4","vary":"time,later","recorded":{"../../etc/passwd":"eA==","build-inputs":"eA=="}}""";

        var read = RepetitionOrder.From(new Command.Request(ByteString.FromUtf8(RepetitionOrder.Verb), ByteString.FromUtf8(body)));

        Assert.Equal(["build-inputs"], read.Recorded.Keys);
        Assert.Equal(Variations.Time, read.Vary);
    }

    [Fact]
    public void A_header_fits_whatever_workers_are_called()
    {
        var all = VariationReport.NoneOf(VariationNames.All, MissingVariation.NoDisorderfs);
        var header = new RepetitionHeader(
            BuildUuid.NewRandom(),
            new string('\u202e', 300),
            new string('"', 300),
            all,
            BisectionFinding.NotVaried
        );

        var text = header.Write();

        Assert.InRange(text.Length, 1, RepetitionHeader.MaxLength);
        Assert.All(text, character => Assert.InRange(character, ' ', '~'));
        Assert.True(RepetitionHeader.TryRead(text, out var read));
        Assert.Equal((header.Repeats, header.Variations, header.Finding), (read.Repeats, read.Variations, read.Finding));
    }

    [Fact]
    public void Variations_that_cannot_be_read_break_the_protocol()
    {
        var report = VariationReport.Read("time", "cpus:one-cpu,fileorder:<script>,later:x");

        Assert.Equal([new MissingVariation(Variations.Cpus, "one-cpu")], report.Missing);
        Assert.Equal(report, VariationsMessage.From(VariationsMessage.ToCommand(report)));
        Assert.Throws<ProtocolException>(() =>
            VariationsMessage.From(new Command.Request(ByteString.FromUtf8(VariationsMessage.Verb), ByteString.FromUtf8("{}")))
        );
    }
}
