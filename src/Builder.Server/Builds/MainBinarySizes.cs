using System.Globalization;
using Builder.Posix;
using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Server.Builds;

/// <summary>
/// The size of the main binary of the last successful build of jobs that may only grow so much, a file for each job and platform. Not synced: after a power
/// cut the growth of one build may not be known.
/// </summary>
internal sealed class MainBinarySizes(ServerDirectory directory)
{
    /// <summary>In bytes; null where no build of them is known.</summary>
    public long? Find(JobName job, Platform platform) =>
        File.Exists(directory.SizeFile(job, platform))
        && long.TryParse(File.ReadAllText(directory.SizeFile(job, platform)), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : null;

    /// <exception cref="IOException">The disk is full, for example.</exception>
    public void Write(JobName job, Platform platform, long size)
    {
        PrivateFiles.CreateDirectory(directory.Sizes);
        var path = directory.SizeFile(job, platform);
        using (var file = PrivateFiles.Open(path + ".new", FileMode.Create, bufferSize: 0))
            file.Write(System.Text.Encoding.ASCII.GetBytes(size.ToString(CultureInfo.InvariantCulture)));
        File.Move(path + ".new", path, overwrite: true);
    }
}
