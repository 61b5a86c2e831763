using System.Reflection;

namespace Builder.Web.Processes;

/// <summary>Which process this is among those that share a database.</summary>
internal sealed class ProcessIdentity
{
    private const int MaxLength = 100;

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public string Host { get; } = Short(Environment.MachineName);

    public int ProcessId { get; } = Environment.ProcessId;

    public string Version { get; } =
        Short(
            typeof(ProcessIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"
        );

    private static string Short(string text) => text.Length <= MaxLength ? text : text[..MaxLength];
}
