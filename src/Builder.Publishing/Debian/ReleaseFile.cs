using System.Globalization;
using System.Text;
using Builder.Publishing.Options;

namespace Builder.Publishing.Debian;

/// <summary>The <c>Release</c> file of a distribution: what it is, and the hashes of its indices.</summary>
internal static class ReleaseFile
{
    public static byte[] Write(
        string distribution,
        RepositorySettings settings,
        IEnumerable<string> architectures,
        IEnumerable<IndexFile> files,
        DateTimeOffset date
    )
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');

        Line($"Origin: {settings.Name}");
        Line($"Label: {settings.Name}");
        Line($"Suite: {distribution}");
        Line($"Codename: {distribution}");
        Line($"Date: {Rfc2822(date)}");
        if (settings.ValidDays > 0)
            Line($"Valid-Until: {Rfc2822(date.AddDays(settings.ValidDays))}");
        Line($"Acquire-By-Hash: yes");
        Line($"No-Support-for-Architecture-all: Packages");
        Line($"Architectures: {string.Join(' ', architectures)}");
        Line($"Components: main");
        Line($"Description: Packages of {distribution}; each version names the build it came from");
        Line($"SHA256:");
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
            Line($" {file.Sha256} {file.Size} {file.Path}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The date of a <c>Release</c> file that we wrote.</summary>
    public static DateTimeOffset? Date(string release)
    {
        var line = release.Split('\n').FirstOrDefault(line => line.StartsWith("Date: ", StringComparison.Ordinal));
        return DateTimeOffset.TryParseExact(
            line?["Date: ".Length..],
            "ddd, dd MMM yyyy HH:mm:ss 'UTC'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var date
        )
            ? date
            : null;
    }

    /// <summary>The files of a <c>Release</c> file that we wrote.</summary>
    public static IReadOnlyList<IndexFile> Files(string release) =>
        [
            .. release
                .Split('\n')
                .SkipWhile(line => line != "SHA256:")
                .Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words.Length == 3)
                .Select(words => new IndexFile(words[2], long.Parse(words[1], CultureInfo.InvariantCulture), words[0])),
        ];

    private static string Rfc2822(DateTimeOffset date) =>
        date.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
