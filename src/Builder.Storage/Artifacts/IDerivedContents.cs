using Builder.Analysis.Values;

namespace Builder.Storage.Artifacts;

/// <summary>Contents that are not stored themselves but made from others: they are damaged where those are.</summary>
internal interface IDerivedContents
{
    /// <summary>Notes down all that are made from something that is damaged.</summary>
    Task NameDependentsAsync(Sha256Digest damaged, CancellationToken cancellationToken);

    /// <summary>Makes a content that was found damaged again, where it is one of these; clears what was said of it where it is right.</summary>
    Task CheckAgainAsync(Sha256Digest damaged, CancellationToken cancellationToken);
}
