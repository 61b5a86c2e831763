using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class SignalNumberTests
{
    [Theory]
    [InlineData(9, -7, "SIGKILL")]
    [InlineData(15, -11, "SIGTERM")]
    [InlineData(11, -10, "SIGSEGV")]
    [InlineData(2, -6, "SIGINT")]
    [InlineData(1, -4, "SIGHUP")]
    [InlineData(19, -16, "SIGSTOP")]
    [InlineData(20, -17, "SIGTSTP")]
    [InlineData(34, 34, "signal 34")]
    public void Our_worker_sends_the_numbers_of_OCaml_and_people_see_the_name(int onLinux, long onTheWire, string name) =>
        Assert.Equal((onTheWire, name), (SignalNumber.OnTheWire(onLinux), SignalNumber.NameOf(onTheWire)));

    [Theory]
    [InlineData(-29)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_number_without_a_name_is_shown_as_it_is(long number) => Assert.Equal($"signal {number}", SignalNumber.NameOf(number));
}
