using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Builder.Proof.Sbom;

/// <summary>The components of a build and how they depend on each other: what both formats are written from.</summary>
public sealed class SbomDocument
{
    /// <summary>Grows when the same build gets other bytes.</summary>
    public const int FormatVersion = 1;

    /// <summary>The reference of the main binary.</summary>
    internal const string MainReference = "main-binary";

    private SbomDocument(SbomBuild build)
    {
        Build = build;
        var (components, dependencies) = SbomComponents.Of(build);
        Components = components;
        Dependencies = dependencies;
    }

    public SbomBuild Build { get; }

    /// <summary>How many packages, tools and source files are named beside the main binary.</summary>
    public int Count => Components.Length;

    internal ImmutableArray<SbomComponent> Components { get; }

    /// <summary>What the main binary depends on directly.</summary>
    internal ImmutableArray<string> Dependencies { get; }

    /// <summary>The file name of the main binary.</summary>
    internal string FileName => Build.Main.Name[(Build.Main.Name.LastIndexOf('/') + 1)..];

    /// <summary>The version of the only root package.</summary>
    internal string? Version => Build.Switch?.Roots is [var root] ? root.Version.ToString() : null;

    /// <summary>RFC 3339, whole seconds; what has no such time counts as 1970, since SPDX must have one.</summary>
    internal string Created => Moment(Build.Finished ?? DateTimeOffset.UnixEpoch);

    public static SbomDocument Of(SbomBuild build) => new(build);

    /// <summary>CycloneDX 1.6 as JSON.</summary>
    public byte[] ToCycloneDx() => new CycloneDxWriter(this).Write();

    /// <summary>SPDX 2.3 as JSON.</summary>
    public byte[] ToSpdx() => new SpdxWriter(this).Write();

    internal static string Moment(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A uuid of version 8 (RFC 9562) that follows from the build's, so that the same build has the same.</summary>
    internal Guid UuidFor(string format)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"builder sbom {format} {FormatVersion} {Build.Uuid:D} {Build.Page}"));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
