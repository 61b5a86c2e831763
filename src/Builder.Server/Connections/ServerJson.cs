using System.Text.Json;
using Builder.Server.Shared;

namespace Builder.Server.Connections;

/// <summary>Who serves, and with which epoch of a state that several servers share; both null where the state is in the server's directory.</summary>
internal static class ServerJson
{
    public static byte[] Of(ServerLease? lease)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("role", "serving");
            json.WriteString("holder", lease?.Holder);
            if (lease is not null)
                json.WriteNumber("epoch", lease.Epoch);
            else
                json.WriteNull("epoch");
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
