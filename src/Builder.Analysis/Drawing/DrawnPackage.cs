namespace Builder.Analysis.Drawing;

/// <summary>A package as it is drawn, at each of its places.</summary>
/// <param name="Shade">How shared it is, 0 (one user) to 4.</param>
internal sealed record DrawnPackage(int Number, string Name, int Dependencies, int Users, int Shade)
{
    public string Counts => $"{Plural(Dependencies, "dependency", "dependencies")}, used by {Plural(Users, "package", "packages")}";

    public static string Plural(int count, string one, string many) => count == 1 ? $"1 {one}" : $"{count} {many}";
}
