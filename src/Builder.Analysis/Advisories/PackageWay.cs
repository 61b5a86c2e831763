namespace Builder.Analysis.Advisories;

/// <summary>How a package got into a build.</summary>
public enum PackageWay
{
    Root,
    Dependency,

    /// <summary>Its sources were vendored, by <c>opam monorepo</c>.</summary>
    Vendored,
    Compiler,

    /// <summary>A package of the system that it was built on.</summary>
    System,

    /// <summary>The binary itself names it: a module of Go, a crate of Rust.</summary>
    Linked,

    /// <summary>A source that was fetched for the build.</summary>
    Input,
}
