using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class SignalNumberTests
{
    [Theory]
    [InlineData(9, -7, "signal 9 (SIGKILL)")]
    [InlineData(15, -11, "signal 15 (SIGTERM)")]
    [InlineData(11, -10, "signal 11 (SIGSEGV)")]
    [InlineData(2, -6, "signal 2 (SIGINT)")]
    [InlineData(1, -4, "signal 1 (SIGHUP)")]
    [InlineData(19, -16, "signal 19 (SIGSTOP)")]
    [InlineData(20, -17, "signal 20 (SIGTSTP)")]
    [InlineData(34, 34, "signal 34")]
    public void Our_worker_sends_the_numbers_of_OCaml_and_people_see_the_name(int onLinux, long onTheWire, string text)
    {
        Assert.Equal(onTheWire, SignalNumber.OnTheWire(onLinux));
        Assert.Equal(onLinux, SignalNumber.ToLinux(onTheWire));
        Assert.Equal(text, SignalNumber.TextOf(onTheWire));
        Assert.Equal(text, SignalNumber.TextOf(onLinux));
    }

    [Theory]
    [InlineData(-29)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_number_without_a_name_is_shown_as_it_is(long number) => Assert.Equal($"signal {number}", SignalNumber.TextOf(number));
}
