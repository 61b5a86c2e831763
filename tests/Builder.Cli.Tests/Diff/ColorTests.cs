using Builder.Cli.Diff;

namespace Builder.Cli.Tests.Diff;

public sealed class ColorTests
{
    [Theory]
    [InlineData("auto", false, "", "xterm", true)]
    [InlineData("auto", false, "1", "xterm", false)]
    [InlineData("auto", false, "", "dumb", false)]
    [InlineData("auto", true, "", "xterm", false)]
    [InlineData("always", true, "1", "dumb", true)]
    [InlineData("never", false, "", "xterm", false)]
    public void Colours_are_for_terminals_unless_asked_otherwise(
        string choice,
        bool isRedirected,
        string noColor,
        string terminal,
        bool expected
    ) =>
        Assert.Equal(
            expected,
            DiffOutput.IsColoured(
                Enum.Parse<ColorChoice>(choice, ignoreCase: true),
                isRedirected,
                name =>
                    name == "NO_COLOR" ? noColor
                    : name == "TERM" ? terminal
                    : null
            )
        );
}
