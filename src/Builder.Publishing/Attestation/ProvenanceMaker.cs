using System.Collections.Immutable;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;
using Builder.Proof.Statements;
using Builder.Protocol.Values;

namespace Builder.Publishing.Attestation;

/// <summary>Says of a checked build how it came about, in SLSA provenance v1.</summary>
internal static class ProvenanceMaker
{
    private const int MaxDependencies = 20_000;

    /// <summary>The bytes to sign.</summary>
    /// <param name="export">The build's opam switch; null where it has none that can be read.</param>
    public static byte[] Make(CheckedBuild build, SwitchExport? export, SignerSettings settings)
    {
        var page = $"{settings.Site}/job/{Uri.EscapeDataString(build.Job.Value)}/build/{build.Uuid}";
        return InTotoStatement.Write(
            [.. build.Artifacts.Select(artifact => ResourceDescriptor.Of(artifact.Name, artifact.Digest))],
            new SlsaProvenance
            {
                BuildType = $"{settings.Site}/buildtypes/{(build.Record is null ? "import" : "script")}/v1",
                External = new ExternalParameters(build.Job.Value, build.Platform.Value, build.Script),
                Internal = InternalOf(build),
                ResolvedDependencies =
                [
                    .. DependenciesOf(build, export).OrderBy(static dependency => dependency.Uri, StringComparer.Ordinal),
                ],
                BuilderId = BuilderIdOf(build.Mode, settings),
                BuilderVersion = ImmutableSortedDictionary<string, string>
                    .Empty.WithComparers(StringComparer.Ordinal)
                    .Add("builder", settings.Version),
                InvocationId = build.Uuid.ToString(),
                StartedOn = build.Started.ToDateTimeOffset(),
                FinishedOn = build.Finished.ToDateTimeOffset(),
                Byproducts = [.. ByproductsOf(build, page)],
            }
        );
    }

    public static string BuilderIdOf(BuildMode mode, SignerSettings settings) => $"{settings.Site}/builders/{NameOf(mode)}";

    /// <summary>As in the address of the page that describes the builder.</summary>
    public static string NameOf(BuildMode mode) =>
        mode switch
        {
            BuildMode.Sandboxed => "sandboxed",
            BuildMode.SharedProc => "sandboxed-shared-proc",
            BuildMode.Unsandboxed => "unsandboxed",
            _ => "imported",
        };

    private static ImmutableSortedDictionary<string, string> InternalOf(CheckedBuild build)
    {
        var parameters = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);
        if (build.Record is not { } record)
            return parameters;
        parameters = parameters.Add("isolation", record.Isolation ?? "unknown").Add("worker", record.Worker);
        return record.Root is { } root ? parameters.Add("root", root) : parameters;
    }

    private static IEnumerable<ResourceDescriptor> ByproductsOf(CheckedBuild build, string page)
    {
        if (build.Console is { } console)
            yield return ResourceDescriptor.Of("console", console) with
            {
                Uri = $"{page}/console",
                MediaType = "text/plain",
            };
        yield return ResourceDescriptor.Of("exec", build.Exec) with
        {
            Uri = $"{page}/exec",
            MediaType = "application/octet-stream",
        };
        foreach (var input in build.Artifacts.Where(static artifact => CheckedBuild.InputNames.Contains(artifact.Name)))
            yield return ResourceDescriptor.Of(input.Name, input.Digest) with
            {
                Uri = $"{page}/f/{input.Name}",
                MediaType = "text/plain",
            };
    }

    private static IEnumerable<ResourceDescriptor> DependenciesOf(CheckedBuild build, SwitchExport? export) =>
        RootOf(build).Concat(OpamPackagesOf(export)).Concat(SystemPackagesOf(build)).Take(MaxDependencies);

    /// <summary>What the job saw as its root directory, by the record of the build server: a job's own lists could say anything.</summary>
    private static IEnumerable<ResourceDescriptor> RootOf(CheckedBuild build)
    {
        if (!JobRoot.TryParse(build.Record?.Root, out var root))
            yield break;
        yield return new ResourceDescriptor
        {
            Name = root.Image is null ? "root tree" : "root image",
            Uri = root.Image is { } image ? $"oci://{image}@sha256:{root.Sha256}" : null,
        }.With("sha256", root.Sha256);
    }

    /// <summary>What cannot be read is left out: a job writes these lists.</summary>
    private static IEnumerable<ResourceDescriptor> OpamPackagesOf(SwitchExport? export)
    {
        if (export is null)
            yield break;
        foreach (var package in export.Installed)
        {
            var descriptor = new ResourceDescriptor { Uri = PackageUrl.Opam(package).ToString() };
            if (export.Packages.GetValueOrDefault(package.Name)?.Url is { } source)
            {
                descriptor = source.Checksums.Aggregate(
                    descriptor with
                    {
                        DownloadLocation = source.Url?.ToString(),
                    },
                    static (known, hash) => known.With(hash.Kind, hash.Hex)
                );
            }
            yield return descriptor;
        }
    }

    private static IEnumerable<ResourceDescriptor> SystemPackagesOf(CheckedBuild build)
    {
        if (!build.Inputs.TryGetValue("system-packages", out var bytes) || RecordedLists.SystemPackages(bytes) is not { } packages)
            return [];
        var platform = build.Platform.Value;
        var distribution = platform.Split('-')[0];
        return packages.Select(package => new ResourceDescriptor
        {
            Uri = distribution is "debian" or "ubuntu"
                ? PackageUrl.Debian(distribution, package.Name, package.Version, architecture: null, platform).ToString()
                : PackageUrl.Generic(package.Name, package.Version).ToString(),
        });
    }
}
