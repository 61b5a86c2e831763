using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Server.Options;

/// <summary>
/// What lies where in the server's directory. Finished builds are at <c>JOB/UUID/full</c> as in the original; names of our own begin
/// with <c>_</c>, which no job name does.
/// </summary>
/// <param name="spool">Where finished builds and recorded inputs are, where that is not the directory itself.</param>
internal sealed class ServerDirectory(string path, string? spool = null)
{
    /// <summary>The original's state file: read once, written on request.</summary>
    public const string StateFileName = "state";

    public const string RecordKeyFileName = "_record-key.pem";

    /// <summary>The signer reads it.</summary>
    public const string RecordPublicKeyFileName = "_record-key.pub";

    /// <summary>The reason why no job can be named so, or null: its directory would stand where the original has its state.</summary>
    public static string? Refuse(JobName name) =>
        name.Value is StateFileName or StateFileName + ".tmp" ? $"job name \"{name}\" is kept for the server's own file" : null;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Of finished builds and recorded inputs.</summary>
    public string Spool { get; } = System.IO.Path.GetFullPath(spool ?? path);

    public string Lock => System.IO.Path.Combine(Path, "_lock");

    public string Journal => System.IO.Path.Combine(Path, "_journal");

    public string Running => System.IO.Path.Combine(Path, "_running");

    public string Keys => System.IO.Path.Combine(Path, "_keys");

    /// <summary>The key that signs records of builds, in PEM.</summary>
    public string RecordKey => System.IO.Path.Combine(Path, RecordKeyFileName);

    /// <summary>Its public key, in PEM.</summary>
    public string RecordPublicKey => System.IO.Path.Combine(Path, RecordPublicKeyFileName);

    public string State => System.IO.Path.Combine(Path, StateFileName);

    public string OfRunning(BuildUuid uuid) => System.IO.Path.Combine(Running, uuid.ToString());

    /// <summary>Of builds on their way into a spool that several servers have.</summary>
    public string Writing => System.IO.Path.Combine(Spool, "_writing");

    /// <summary>A build on its way into the spool; on the spool's file system, to be renamed.</summary>
    public string OfWriting(BuildUuid uuid, string writer) => System.IO.Path.Combine(Writing, $"{uuid}-{writer}");

    public string OfJob(JobName name) => System.IO.Path.Combine(Spool, name.Value);

    public string OfBuild(JobName name, BuildUuid uuid) => System.IO.Path.Combine(OfJob(name), uuid.ToString());

    /// <summary>What this server signed of the build; there before <see cref="FullFile"/> is.</summary>
    public string RecordFile(JobName name, BuildUuid uuid) => System.IO.Path.Combine(OfBuild(name, uuid), "record");

    /// <summary>What is to be known of the build to have it repeated; there before <see cref="FullFile"/> is.</summary>
    public string OutcomeFile(JobName name, BuildUuid uuid) => System.IO.Path.Combine(OfBuild(name, uuid), "outcome");

    /// <summary>Inputs of builds that may be repeated.</summary>
    public string Inputs => System.IO.Path.Combine(Spool, "_inputs");

    public string OfInputs(BuildUuid uuid) => System.IO.Path.Combine(Inputs, uuid.ToString());

    /// <summary>Sizes of the main binaries of jobs that may only grow so much.</summary>
    public string Sizes => System.IO.Path.Combine(Spool, "_sizes");

    /// <summary>By hash: the two names together may be longer than a file's.</summary>
    public string SizeFile(JobName name, Platform platform) =>
        System.IO.Path.Combine(Sizes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name.Value}\0{platform.Value}"))));

    public string FullFile(JobName name, BuildUuid uuid) => System.IO.Path.Combine(OfBuild(name, uuid), "full");
}
