using System.Globalization;
using Builder.Server.Files;
using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

/// <summary>The bytes behind the last whole record: kept in a file of their own before they are cut off.</summary>
internal static class TornTail
{
    /// <exception cref="IOException">A whole record with a wrong checksum, which somebody may have been told to be saved, cannot be kept.</exception>
    public static void Keep(JournalFile file, JournalEntry damage, ILogger logger)
    {
        var end = Math.Max(file.ContentEnd, damage.End);
        try
        {
            var copy = FreeName(file.Path + ".torn");
            DurableFiles.Replace(copy, stream => file.CopyTo(stream, damage.Offset, end));
            if (damage.IsComplete)
                logger.BadLastRecord(file.Path, damage.Offset, end - damage.Offset, copy);
            else
                logger.TornTail(file.Path, damage.Offset, end - damage.Offset, copy);
        }
        catch (IOException exception) when (!damage.IsComplete)
        {
            // A full disk must not stop the start for what nobody was told to be saved.
            logger.TornTailNotKept(file.Path, damage.Offset, end - damage.Offset, exception.Message);
        }
    }

    private static string FreeName(string path)
    {
        var name = path;
        for (var number = 2; File.Exists(name); number++)
            name = path + "-" + number.ToString(CultureInfo.InvariantCulture);
        return name;
    }
}
