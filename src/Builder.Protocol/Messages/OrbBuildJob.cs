using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A job that builds an opam package on every platform that has a template.</summary>
public sealed record OrbBuildJob(ByteString Name, ByteString OpamPackage) : Job(Name);
