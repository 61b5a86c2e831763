using System.Collections.Immutable;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;

namespace Builder.Proof.Sbom;

/// <summary>A part of a build.</summary>
/// <param name="Reference">Names it in the document, once.</param>
internal sealed record SbomComponent(string Reference, SbomOrigin Origin, string Name, string? Version)
{
    public PackageUrl? PackageUrl { get; init; }

    public ImmutableArray<SbomLicense> Licenses { get; init; } = [];

    public SbomSource? Source { get; init; }

    /// <summary>Patches and other files beside the source.</summary>
    public ImmutableArray<SbomSource> ExtraSources { get; init; } = [];

    /// <summary>The repository that it is developed in, as <c>git+https://…</c>.</summary>
    public string? Repository { get; init; }

    /// <summary>Of the component itself, not of what it is made from.</summary>
    public ImmutableArray<OpamHash> Hashes { get; init; } = [];

    /// <summary>It took part in the build and is not in the result.</summary>
    public bool IsBuildTool { get; init; }

    /// <summary>It is a compiler, or a part of one.</summary>
    public bool IsCompiler { get; init; }

    /// <summary>The version is that of the file's name: nothing else says one.</summary>
    public bool IsVersionFromUrl { get; init; }

    /// <summary>Modules of the binary that are named after it; empty where nothing is known.</summary>
    public ImmutableArray<string> LinkedModules { get; init; } = [];

    /// <summary>References of what it depends on directly, in order.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>Same package and version; qualifiers say only where it is from.</summary>
    public bool IsOf(PackageUrl package) =>
        PackageUrl is { } own
        && own.Type == package.Type
        && own.Namespace == package.Namespace
        && own.Name == package.Name
        && own.Version == package.Version;
}
