namespace Builder.Cli.Root;

/// <summary>A release of a distribution that debootstrap knows.</summary>
/// <param name="Name">As platforms are called: <c>debian-12</c>.</param>
/// <param name="Suite">Its code name.</param>
internal sealed record Distribution(string Name, string Suite, string Mirror)
{
    private const string DebianMirror = "http://deb.debian.org/debian";
    private const string UbuntuMirror = "http://archive.ubuntu.com/ubuntu";

    public static IReadOnlyList<Distribution> All { get; } =
    [
        new("debian-11", "bullseye", DebianMirror),
        new("debian-12", "bookworm", DebianMirror),
        new("debian-13", "trixie", DebianMirror),
        new("ubuntu-22.04", "jammy", UbuntuMirror),
        new("ubuntu-24.04", "noble", UbuntuMirror),
    ];

    public static string Names => string.Join(", ", All.Select(static known => known.Name));

    public static Distribution? Find(string name) => All.FirstOrDefault(known => known.Name == name);

    /// <summary>Debian policy 5.6.7.</summary>
    public static bool IsPackageName(string text) =>
        text.Length is >= 2 and <= 200
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '+' or '-' or '.');
}
