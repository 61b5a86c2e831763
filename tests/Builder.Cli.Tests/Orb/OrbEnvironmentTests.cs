using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Orb;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Cli.Tests.Orb;

public sealed class OrbEnvironmentTests
{
    private static readonly OrbOptions Options = new() { Package = new OrbPackage("hello", null), SwitchName = "/tmp/x/sw" };

    [Fact]
    public void Of_the_callers_variables_only_home_and_the_systems_part_of_path_are_left()
    {
        var environment = Create(Options with { SolverTimeout = 60, Date = 1700000000 });

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["HOME"] = "/home/x",
                ["OPAMERRLOGLEN"] = "0",
                ["OPAMROOT"] = "/tmp/x",
                ["OPAMSOLVERTIMEOUT"] = "60",
                ["ORB_BUILDING_PACKAGE"] = "hello",
                ["PATH"] = "/bin:/usr/bin:/usr/sbin",
                ["PREFIX"] = "/tmp/x/sw",
                ["SOURCE_DATE_EPOCH"] = "1700000000",
            },
            environment.Variables
        );
        Assert.Equal(("/tmp/x", "sw"), (environment.Root, environment.SwitchName));
    }

    [Fact]
    public void A_name_alone_is_a_switch_in_a_root_below_the_home_and_the_date_is_now()
    {
        var environment = Create(Options with { SwitchName = "sw" });

        Assert.Equal("/home/x/.cache/builder/opam/sw", environment.SwitchDirectory);
        Assert.DoesNotContain("OPAMROOT", environment.Variables.Keys);
        Assert.Equal("946684800", environment.Variables["SOURCE_DATE_EPOCH"]);
    }

    [Fact]
    public void What_is_written_reads_as_the_same_environment()
    {
        var environment = Create(Options with { Date = 5 });

        var text = environment.Write([new("OS", "linux"), new("ARCH", "x86_64")]);
        var read = OrbEnvironment.Read(text, "build-environment");

        Assert.EndsWith("OS=linux\nARCH=x86_64\nORB_DATA=2\nSWITCH_PATH=sw\n", Encoding.UTF8.GetString(text), StringComparison.Ordinal);
        Assert.Equal(environment.Variables, read.Variables);
        Assert.Equal(environment.SwitchName, read.SwitchName);
    }

    [Theory]
    [InlineData("HOME=/x\nPATH=/bin\nSOURCE_DATE_EPOCH=1\nSWITCH_PATH=a\n", "has no PREFIX")]
    [InlineData("PREFIX=a/b\nHOME=/x\nPATH=/bin\nSOURCE_DATE_EPOCH=1\nSWITCH_PATH=b\n", "is not the directory of a switch")]
    [InlineData("PREFIX=/etc\nHOME=/x\nPATH=/bin\nSOURCE_DATE_EPOCH=1\nSWITCH_PATH=etc\n", "is not the directory of a switch")]
    [InlineData("PREFIX=/tmp/../etc/x\nHOME=/x\nPATH=/bin\nSOURCE_DATE_EPOCH=1\nSWITCH_PATH=x\n", "is not the directory of a switch")]
    [InlineData("PREFIX\n", "is not KEY=VALUE")]
    public void A_file_that_is_none_of_an_opam_build_is_refused(string text, string why)
    {
        var exception = Assert.Throws<CommandException>(() => OrbEnvironment.Read(Encoding.UTF8.GetBytes(text), "build-environment"));
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Trouble, exception.Code);
    }

    private static OrbEnvironment Create(OrbOptions options) =>
        OrbEnvironment.Create(
            options,
            static name =>
                name switch
                {
                    "HOME" => "/home/x",
                    "PATH" => "/home/x/bin:/usr/sbin:/usr/bin:/opt/bin:/bin",
                    _ => "anything",
                },
            new FakeTimeProvider()
        );
}
