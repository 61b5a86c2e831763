using System.Globalization;
using Builder.Protocol.Values;

namespace Builder.Server.Formats;

internal static class Rfc3339
{
    public static string Of(Timestamp time) =>
        time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
