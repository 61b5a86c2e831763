using Builder.Protocol.Messages;

namespace Builder.Server.Access;

/// <summary>Which permission a command needs, and how permissions are written.</summary>
public static class ClientPermissions
{
    /// <summary>By number; what is read needs none.</summary>
    private static readonly string[] Words = ["read", "run", "cancel", "reschedule", "platforms", "workers", "spool", "schedule"];

    /// <summary>Those that a key can name.</summary>
    public static IReadOnlyList<string> Names { get; } = Words[1..];

    public static string NameOf(ClientPermission permission) => Words[(int)permission];

    public static bool TryParse(string text, out ClientPermission permission)
    {
        permission = (ClientPermission)Math.Max(0, Array.IndexOf(Words, text));
        return permission != ClientPermission.Read;
    }

    internal static ClientPermission Of(Command command) =>
        command switch
        {
            Command.Info or Command.Observe => ClientPermission.Read,
            Command.Execute => ClientPermission.Run,
            Command.Cancel => ClientPermission.Cancel,
            Command.Reschedule => ClientPermission.Reschedule,
            Command.DropPlatform or Command.UndropPlatform => ClientPermission.Platforms,
            Command.Request request => Of(request.Verb.ToString()),
            _ => ClientPermission.Schedule,
        };

    /// <summary>A verb that is new is for whole keys until somebody says otherwise.</summary>
    private static ClientPermission Of(string verb) =>
        verb switch
        {
            "server" or "spool" or "status" or "workers" or "policies" or "repetitions" or "changes" or "budget" => ClientPermission.Read,
            "repeat" => ClientPermission.Run,
            "drain" or "undrain" => ClientPermission.Workers,
            "spool-retry" or "spool-drop" => ClientPermission.Spool,
            _ => ClientPermission.Schedule,
        };
}
