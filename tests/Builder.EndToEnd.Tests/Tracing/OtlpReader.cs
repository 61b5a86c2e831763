using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Builder.EndToEnd.Tests.Tracing;

/// <summary>Reads an <c>ExportTraceServiceRequest</c> (opentelemetry-proto, trace/v1/trace.proto), field by field, and refuses what is no protobuf.</summary>
internal static class OtlpReader
{
    public static List<ReceivedSpan> Read(ReadOnlyMemory<byte> request)
    {
        var spans = new List<ReceivedSpan>();
        foreach (var resourceSpans in Messages(request, 1))
        {
            var resource = Messages(resourceSpans, 1).SelectMany(one => Attributes(one, 1)).ToDictionary();
            foreach (var scopeSpans in Messages(resourceSpans, 2))
                spans.AddRange(Messages(scopeSpans, 2).Select(span => Span(span, resource.GetValueOrDefault("service.name", ""))));
        }
        return spans;
    }

    private static ReceivedSpan Span(ReadOnlyMemory<byte> span, string service) =>
        new(
            service,
            Hex(span, 1),
            Hex(span, 2),
            Hex(span, 4),
            Text(span, 5),
            Number(span, 7),
            Number(span, 8),
            Messages(span, 15).Select(status => (int)Number(status, 3)).FirstOrDefault(),
            Attributes(span, 9).ToDictionary(),
            [.. Messages(span, 13).Select(link => (Hex(link, 1), Hex(link, 2)))]
        );

    private static IEnumerable<KeyValuePair<string, string>> Attributes(ReadOnlyMemory<byte> message, int number) =>
        Messages(message, number).Select(pair => KeyValuePair.Create(Text(pair, 1), Messages(pair, 2).Select(Value).FirstOrDefault("")));

    private static string Value(ReadOnlyMemory<byte> any)
    {
        var field = Fields(any).FirstOrDefault();
        return field.Number switch
        {
            1 => Encoding.UTF8.GetString(field.Bytes.Span),
            4 => BitConverter.UInt64BitsToDouble(field.Value).ToString(CultureInfo.InvariantCulture),
            _ => field.Value.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => field.Bytes);

    private static string Text(ReadOnlyMemory<byte> message, int number) =>
        Encoding.UTF8.GetString(Messages(message, number).FirstOrDefault().Span);

    private static string Hex(ReadOnlyMemory<byte> message, int number) =>
        Convert.ToHexStringLower(Messages(message, number).FirstOrDefault().Span);

    private static ulong Number(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => field.Value).FirstOrDefault();

    private static List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ulong, ReadOnlyMemory<byte>)>();
        for (var at = 0; at < message.Length; )
        {
            var tag = Varint(message.Span, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add((number, Varint(message.Span, ref at), default));
                    break;
                case 1:
                    fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    fields.Add((number, 0, message.Slice(at, length)));
                    at += length;
                    break;
                case 5:
                    fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} at byte {at}");
            }
        }
        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
    }
}
