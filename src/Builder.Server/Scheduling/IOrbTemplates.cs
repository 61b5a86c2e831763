using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>Turns an orb build job into a script job, for the platforms that have a template.</summary>
internal interface IOrbTemplates
{
    bool Has(Platform platform);

    /// <summary>Null where the platform has no template.</summary>
    ScriptJob? Expand(OrbBuildJob job, Platform platform);
}
