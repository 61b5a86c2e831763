namespace Builder.Analysis.Advisories;

/// <summary>Where a package comes from, which says how its versions compare.</summary>
public enum Ecosystem
{
    Opam,
    Debian,
    FreeBsd,
    Cargo,
    Go,

    /// <summary>Sources that a build fetched, as its <c>build-inputs</c> lists them: their versions have no order.</summary>
    Sources,

    /// <summary>OCaml modules in a binary, without versions.</summary>
    Module,

    /// <summary>Shared libraries that a binary names, libraries of C and crates of Rust that symbols name, without versions.</summary>
    Library,
}
