namespace Builder.Analysis.Advisories;

/// <summary>The names of the ways in answers and in the index.</summary>
public static class PackageWays
{
    private static readonly string[] Names = ["root", "dependency", "vendored", "compiler", "system", "linked", "input"];

    public static string NameOf(PackageWay way) => Names[(int)way];
}
