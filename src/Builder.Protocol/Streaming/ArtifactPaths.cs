namespace Builder.Protocol.Streaming;

/// <summary>Which paths of artifacts a reader takes.</summary>
public enum ArtifactPaths
{
    /// <summary>Those that stay below the directory of the build; any other is an error.</summary>
    Confined,

    /// <summary>
    /// For looking into files only: also what the original wrote, such as <c>../up</c> or <c>/abs</c>, provided the file is byte for byte
    /// as the original would write it. In any other file such a path is a forgery, and an error.
    /// </summary>
    AsWritten,
}
