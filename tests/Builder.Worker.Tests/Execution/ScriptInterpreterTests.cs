using System.Text;
using Builder.Protocol.Values;
using Builder.Worker.Execution;

namespace Builder.Worker.Tests.Execution;

public sealed class ScriptInterpreterTests
{
    [Theory]
    [InlineData("echo x", "/bin/sh", "-e")]
    [InlineData("", "/bin/sh", "-e")]
    [InlineData("#!", "/bin/sh", "-e")]
    [InlineData("#!\necho", "/bin/sh", "-e")]
    [InlineData("# !/usr/bin/perl\n", "/bin/sh", "-e")]
    [InlineData("#!/bin/sh\n", "/bin/sh", "-e")]
    [InlineData("#! /bin/sh  \n", "/bin/sh", "-e")]
    [InlineData("#!/bin/sh\r\n", "/bin/sh", "-e")]
    [InlineData("#!/bin/sh -x\n", "/bin/sh", "-e", "-x")]
    [InlineData("#!/usr/bin/env sh\n", "/bin/sh", "-e")]
    [InlineData("#!/bin/bash\n", "/bin/bash")]
    [InlineData("#!/usr/bin/env python3", "/usr/bin/env", "python3")]
    [InlineData("#!/usr/bin/awk -f one argument \nBEGIN", "/usr/bin/awk", "-f one argument")]
    [InlineData("#!\t/usr/bin/perl\t-w\n", "/usr/bin/perl", "-w")]
    public void The_first_line_of_a_script_says_what_runs_it(string script, params string[] command) =>
        Assert.Equal(command, ScriptInterpreter.Of(Encoding.UTF8.GetBytes(script)));

    [Theory]
    [InlineData("#!/bin/bash\nfalse\necho ${BASH_VERSION:+bash} $0", "bash", 0)]
    [InlineData("#!/usr/bin/env -S awk -f\nBEGIN { print \"awk\"; exit 4 }", "awk", 4)]
    [InlineData("#!/bin/sh\necho shell; false\necho not reached", "shell", 1)]
    public async Task A_script_runs_under_the_interpreter_that_it_names(string script, string said, int code)
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(script);

        Assert.Equal([said], execution.Console.Text.Select(line => line.Split(' ')[0]));
        Assert.Equal(new ExecutionResult.Exited(code), outcome.Result);
    }

    [Fact]
    public async Task An_interpreter_that_is_not_there_is_named_in_the_result()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync("#!/no/such/program\n");

        Assert.Equal(
            new ExecutionResult.Message(ByteString.FromUtf8("cannot start /no/such/program: No such file or directory")),
            outcome.Result
        );
    }
}
