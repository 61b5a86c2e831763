using System.Text;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Opam;

public sealed class PackageVersionTests
{
    public static TheoryData<string, string, int> Vector { get; } =
        new(
            Vectors
                .ReadText("opam/version-compare.txt")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .Select(words => (words[0], words[1], int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture)))
        );

    [Theory]
    [MemberData(nameof(Vector))]
    public void Versions_order_as_the_reference_orders_them(string left, string right, int sign)
    {
        Assert.Equal(sign, Compare(left, right));
        Assert.Equal(-sign, Compare(right, left));
    }

    [Theory]
    [InlineData("", "0", 0)]
    [InlineData("1.", "1.0", 0)]
    [InlineData("1.", "1.0~", 1)]
    [InlineData("1.0-", "1.0", 0)]
    [InlineData("18446744073709551616", "18446744073709551615", 1)]
    [InlineData("1.0-rc-1", "1.0-rc", 1)]
    public void An_empty_number_is_zero_and_numbers_have_no_largest(string left, string right, int sign)
    {
        Assert.Equal(sign, Compare(left, right));
        Assert.Equal(-sign, Compare(right, left));
    }

    private static int Compare(string left, string right) =>
        PackageVersion.Compare(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
