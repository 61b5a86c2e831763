using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class ExecutionResultTests
{
    [Fact]
    public void A_result_reads_the_same_everywhere()
    {
        Assert.Equal("succeeded", new ExecutionResult.Exited(0).ToString());
        Assert.Equal("failed (exit code 1)", new ExecutionResult.Exited(1).ToString());
        Assert.Equal("killed by signal 9 (SIGKILL)", new ExecutionResult.Signalled(-7).ToString());
        Assert.Equal("killed by signal 7 (SIGBUS)", new ExecutionResult.Signalled(-22).ToString());
        Assert.Equal("stopped by signal 19 (SIGSTOP)", new ExecutionResult.Stopped(19).ToString());
        Assert.Equal("killed by signal 34", new ExecutionResult.Signalled(34).ToString());
        Assert.Equal("timeout", new ExecutionResult.Message(ByteString.FromUtf8("timeout")).ToString());
    }
}
