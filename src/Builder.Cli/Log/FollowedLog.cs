using System.Text;
using Builder.Cli.Errors;
using Builder.Posix;
using Builder.Proof.Log;

namespace Builder.Cli.Log;

/// <summary>What this machine remembers of a log: its key and the last checkpoint that was checked. Kept for the user alone.</summary>
internal sealed class FollowedLog(string directory)
{
    private string KeyPath => Path.Combine(directory, "vkey");

    private string CheckpointPath => Path.Combine(directory, "checkpoint");

    public string Location => directory;

    /// <summary>Below the user's state directory, a directory for each address.</summary>
    /// <exception cref="CommandException">The user has no home.</exception>
    public static FollowedLog Of(Uri site)
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (string.IsNullOrEmpty(state) || !Path.IsPathRooted(state))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (home.Length == 0)
                throw new CommandException("this user has no home directory: give --state DIR", ExitCode.Trouble);
            state = Path.Combine(home, ".local", "state");
        }
        var name = Uri.EscapeDataString(site.GetLeftPart(UriPartial.Path).TrimEnd('/'));
        return new FollowedLog(Path.Combine(state, "builder", "logs", name));
    }

    /// <summary>Null at first contact.</summary>
    /// <exception cref="InvalidLogDataException">The file is damaged.</exception>
    public NoteKey? Key() => File.Exists(KeyPath) ? NoteKey.Parse(File.ReadAllText(KeyPath).TrimEnd('\n')) : null;

    /// <summary>Null at first contact.</summary>
    /// <exception cref="InvalidLogDataException">The file is damaged.</exception>
    public SignedCheckpoint? Checkpoint(NoteKey key) =>
        File.Exists(CheckpointPath) ? SignedCheckpoint.Open(File.ReadAllBytes(CheckpointPath), key) : null;

    public void Keep(NoteKey key, SignedCheckpoint signed)
    {
        PrivateFiles.CreateDirectory(directory);
        Replace(KeyPath, Encoding.UTF8.GetBytes($"{key.Vkey}\n"));
        Replace(CheckpointPath, signed.ToBytes());
    }

    /// <summary>What contradicts the kept checkpoint: signed by the log itself, so that anybody can be shown it.</summary>
    public string KeepEvidence(byte[] checkpoint)
    {
        PrivateFiles.CreateDirectory(directory);
        var path = Path.Combine(directory, $"contradiction-{Analysis.Values.Sha256Digest.Of(checkpoint).ToString()[..16]}");
        Replace(path, checkpoint);
        return path;
    }

    private static void Replace(string path, byte[] content)
    {
        var beside = $"{path}.new";
        using (var file = PrivateFiles.Open(beside, FileMode.Create))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }
}
