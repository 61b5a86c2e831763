using System.Diagnostics;
using Builder.Testing;

namespace Builder.Server.Tests.State;

/// <summary>A file system of a few MiB, mounted for a test, that can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    /// <summary>Skips the test where mounting is not permitted.</summary>
    public SmallDisk(int megabytes)
    {
        var (status, reason) = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "builder-test", directory.Path);
        if (status != 0)
            directory.Dispose();
        Requirement.Met(status == 0, $"a small disk cannot be mounted here (that takes root): {reason}");
    }

    public string Path => directory.Path;

    private string Filler => directory["filler"];

    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var piece = 64 * 1024; piece > 0; piece /= 2)
        {
            try
            {
                while (true)
                    file.Write(new byte[piece]);
            }
            catch (IOException)
            {
                // Full for pieces of this size.
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    /// <param name="mode"><c>ro</c> or <c>rw</c>.</param>
    public void Remount(string mode)
    {
        var (status, reason) = Run("mount", "-o", $"remount,{mode}", directory.Path);
        Assert.True(status == 0, reason);
    }

    public void Dispose()
    {
        // Lazily: a process that another test is just starting may have inherited a descriptor.
        var (status, reason) = Run("umount", "--lazy", directory.Path);
        Assert.True(status == 0, reason);
        directory.Dispose();
    }

    private static (int Status, string Reason) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var reason = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, reason.TrimEnd());
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return (-1, error.Message);
        }
    }
}
