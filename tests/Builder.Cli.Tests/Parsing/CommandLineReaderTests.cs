using Builder.Cli.Originals;
using Builder.Cli.Parsing;

namespace Builder.Cli.Tests.Parsing;

/// <summary>What is understood: the words of a command line in the one form that the commands get.</summary>
[Collection(CommandTrees.Name)]
public sealed class CommandLineReaderTests
{
    [Theory]
    [InlineData("client execute @nightly", "client execute -- @nightly")]
    [InlineData("client unschedule -- @nightly", "client unschedule -- @nightly")]
    [InlineData("client unschedule @/etc/passwd", "client unschedule -- @/etc/passwd")]
    [InlineData("client unschedule -- --verbose", "client unschedule -- --verbose")]
    [InlineData("client unschedule -r localhost -- -r", "client unschedule -r=localhost -- -r")]
    [InlineData("client schedule @a p -", "client schedule -- @a p -")]
    [InlineData("elf @esbuild/esbuild --json", "elf --json=true -- @esbuild/esbuild")]
    [InlineData("elf --json true", "elf --json=true -- true")]
    [InlineData("server --port=1 --ip ::1", "server --port=1 --ip=::1")]
    [InlineData("server --metrics -1", "server --metrics=-1")]
    [InlineData("web -p8080 -v", "web --port=8080 -v=true")]
    [InlineData("web -p=8080 hooks list", "web --port=8080 hooks list")]
    [InlineData("worker p --env A=b=c --env --hide=--x", null)]
    [InlineData("worker p --env A=b=c --env B", "worker --env=A=b=c --env=B -- p")]
    [InlineData("up --publish", "up --publish")]
    [InlineData("up --publish when=built -p 1", "up --publish=when=built --port=1")]
    [InlineData("client sched a p f", null)]
    [InlineData("server --por 1", null)]
    public void By_our_own_name(string line, string? words) => AssertRead(null, line, words);

    [Theory]
    [InlineData("builder-web", "-h 192.0.2.1 -p 8080", "web --host=192.0.2.1 --port=8080")]
    [InlineData("builder-web", "--ho 192.0.2.1 --exp=0 -d/srv", "web --host=192.0.2.1 --expired-jobs=0 --datadir=/srv")]
    [InlineData("builder-web", "-l *:info,http:debug", "web --verbosity=info")]
    [InlineData("builder-web", "--logging-levels debug --color=always", "web --verbosity=debug")]
    [InlineData("builder-web", "-l loud", null)]
    [InlineData("builder-server", "", "server")]
    [InlineData("builder-server", "-v", "server --verbosity=info")]
    [InlineData("builder-server", "-vv", "server --verbosity=debug")]
    [InlineData("builder-server", "-v --verbose", "server --verbosity=debug")]
    [InlineData("builder-server", "-qv", "server --verbosity=quiet")]
    [InlineData("builder-server", "-v --verbosity=w", "server --verbosity=warning")]
    [InlineData("builder-server", "--verbosity loud", null)]
    [InlineData("builder-server", "--u http://u:p@[::1]:3000/upload --p 1", "server --upload=http://u:p@[::1]:3000/upload --port=1")]
    [InlineData("builder-server", "--co never", null)]
    [InlineData("builder-worker", "debian-12 -q --color=never", "worker --verbosity=quiet -- debian-12")]
    [InlineData("builder-worker", "debian-12 -v --color=never", "worker --verbosity=info -- debian-12")]
    [InlineData("builder-client", "sched hello debian-12 f.sh --per w -q", "client schedule --period=weekly -- hello debian-12 f.sh")]
    [InlineData("builder-client", "o b92c500e-03fc-44d9-95de-50e5e6f91479", null)]
    [InlineData("builder-client", "observe b92c500e-03fc-44d9-95de-50e5e6f91479", "client observe -- b92c500e-03fc-44d9-95de-50e5e6f91479")]
    [InlineData("builder-client", "un hello", null)]
    [InlineData("builder-client", "uns hello", "client unschedule -- hello")]
    [InlineData("builder-client", "drop-platform --no-such", null)]
    [InlineData("builder-client", "inf --r 192.0.2.1:1 -v", "client info -r=192.0.2.1:1")]
    [InlineData(
        "builder-db",
        "vac older-than 2026-11-22T00:00:00Z --pl debian-12 --job a --job b",
        "db vacuum older-than --platform=debian-12 --job=a --job=b -- 2026-11-22T00:00:00Z"
    )]
    [InlineData("builder-db", "user-a anna --unr --scrypt-n 2 -v", "db user-add --unrestricted=true --scrypt-n=2 -- anna")]
    [InlineData("builder-migrations", "migrate-2022-05-09 -d /srv -q", "migrations migrate-2022-05-09 --datadir=/srv")]
    [InlineData("builder-migrations", "rollback-2023-09-1", null)]
    [InlineData("builder-migrations", "fixup-2021-09", "migrations fixup-2021-09-10")]
    public void Under_the_name_of_an_original_program(string program, string line, string? words) => AssertRead(program, line, words);

    [Theory]
    [InlineData(null, "client schedule --help", "client schedule", "")]
    [InlineData(null, "--port --help", "", "")]
    [InlineData(null, "help client schedule", "client schedule", "")]
    [InlineData(null, "web --nonsense -h", "web", "")]
    [InlineData("builder-client", "", "client", "")]
    [InlineData("builder-db", "help user-add", "db user-add", "")]
    [InlineData("builder-db", "help --man-format=groff user-add", "db user-add", "groff")]
    [InlineData("builder-db", "user-add --help=plain", "db user-add", "plain")]
    [InlineData("builder-web", "--he=groff", "web", "groff")]
    [InlineData("builder-web", "-h 127.0.0.1 --help", "web", "")]
    [InlineData("builder-client", "sched --help", "client schedule", "")]
    public void Help_is_shown_for(string? program, string line, string command, string format)
    {
        var reading = Read(program, line);
        Assert.Equal(command, string.Join(' ', reading.Path.Skip(1).Select(found => found.Name)));
        Assert.Equal(format, reading.Help);
    }

    [Theory]
    [InlineData("builder-client", "un x", "\"un\" is the beginning of several commands: undrop-platform, unschedule")]
    [InlineData("builder-server", "--ver", "--ver is the beginning of several options: --verbose, --verbosity, --version")]
    [InlineData("builder-db", "vacuum exc 1", "\"exc\" is the beginning of several commands: except-latest, except-latest-successful")]
    [InlineData("builder-client", "schedule a b /etc/hostname --period=x", "--period: \"x\" is not one of hourly, daily, weekly, never")]
    [InlineData(null, "server --prot 1", "unknown option --prot; did you mean --port?")]
    [InlineData(
        null,
        "server --upload=ftp://user:secret@host/",
        "--upload: \"ftp://…@host/\" is not an http or https URL such as https://builds.example.org"
    )]
    [InlineData(null, "client drop-platform --verbose", "unknown option --verbose")]
    [InlineData(null, "client drop-platform", "PLATFORM is missing: builder client drop-platform PLATFORM")]
    [InlineData(
        null,
        "server --dir --port 1",
        "--dir needs a value: \"--port\" is taken as an option, write --dir=--port if it is the value"
    )]
    public void An_error_names_the_candidates(string? program, string line, string error) =>
        Assert.Equal(error, new CommandLine(OriginalPrograms.Find(program)).Refusal(line.Split(' ')));

    private static void AssertRead(string? program, string line, string? words)
    {
        var reading = Read(program, line);
        Assert.True((words is null) == (reading.Error is not null), $"{line}: {reading.Error ?? string.Join(' ', reading.Words)}");
        if (words is not null)
            Assert.Equal(words, string.Join(' ', reading.Words));
    }

    private static CommandLineReading Read(string? program, string line)
    {
        var original = OriginalPrograms.Find(program);
        return CommandLineReader.Read(CommandTree.Create(original), original, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
