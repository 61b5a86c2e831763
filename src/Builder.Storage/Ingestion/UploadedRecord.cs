using Builder.Protocol.Values;

namespace Builder.Storage.Ingestion;

/// <summary>What a build server signed of a build, as it came with the upload. Whether it is right the signer checks, not the site.</summary>
/// <param name="Build">The build that it says it is about.</param>
/// <param name="Envelope">DSSE in JSON.</param>
public sealed record UploadedRecord(BuildUuid Build, ReadOnlyMemory<byte> Envelope);
