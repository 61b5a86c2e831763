using Builder.Publishing.Files;
using Builder.Publishing.Names;
using Builder.Publishing.Packages;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Publishing.Tests.Debian;

/// <summary>No job publishes, replaces or keeps away the package of another, and none makes itself part of the system.</summary>
public sealed class OwnershipTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_belongs_to_the_job_that_published_it_first_in_every_distribution()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "1"), "20260101000000", job: "hello");

        var higher = await DebMaker.MakeAsync(test["debs"], version: "99.0.0", content: "2");
        var taken = await test.PublishAsync(higher, "20260102000000", job: "other");
        var elsewhere = await test.PublishAsync(higher, "20260102000000", "debian-13", job: "other");

        Assert.All([taken, elsewhere], outcome => Assert.Equal(PublishState.Refused, outcome.State));
        Assert.Contains(
            "package hello belongs to job hello. To allow it: builder repo assign hello other",
            taken.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("hello", Assert.Single(await test.Repository.ListAsync("debian-12", Cancellation)).Job);
        Assert.Empty(await test.Repository.ListAsync("debian-13", Cancellation));
    }

    [Fact]
    public async Task Two_jobs_that_want_a_name_in_one_step_do_not_both_get_it()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var one = DebMaker.Build(await DebMaker.MakeAsync(test["debs"], content: "1"), "20260101000000", job: "one");
        var two = DebMaker.Build(await DebMaker.MakeAsync(test["debs"], content: "2"), "20260102000000", job: "two");

        var outcomes = await test.Repository.PublishAsync("debian-12", [one, two], Cancellation);

        Assert.Equal([PublishState.Published, PublishState.Refused], outcomes.Select(outcome => outcome.State));
    }

    [Theory]
    [InlineData("Provides: hello", "Provides names hello, which belongs to job hello")]
    [InlineData("Provides: other, hello (= 99)", "Provides names hello, which belongs to job hello")]
    [InlineData("Replaces: hello (<< 99)", "Replaces names hello, which belongs to job hello")]
    [InlineData("Conflicts: x, hello:any", "Conflicts names hello, which belongs to job hello")]
    [InlineData("Breaks: hello (<< 99)", "Breaks names hello, which belongs to job hello")]
    [InlineData("Conflicts: openssh-server", "Conflicts names openssh-server, which is a protected name")]
    [InlineData("Provides: libc6 (= 9)", "Provides names libc6, which is a protected name")]
    [InlineData("Essential: yes", "Essential: yes makes clients install it")]
    [InlineData("Important: yes", "Important: yes makes clients install it")]
    [InlineData("Protected: yes", "Protected: yes makes clients install it")]
    public async Task No_package_speaks_for_the_names_of_others(string field, string reason)
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000", job: "hello");

        var outcome = await test.PublishAsync(
            await RawDeb.WriteAsync(test["debs"], RawDeb.Make("evil", $"{field}\n")),
            "20260102000000",
            job: "evil"
        );

        Assert.Equal(PublishState.Refused, outcome.State);
        Assert.Contains(reason, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_may_replace_its_own_packages_and_names_that_are_nobodys()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000", job: "hello");

        var outcome = await test.PublishAsync(
            await RawDeb.WriteAsync(
                test["debs"],
                RawDeb.Make("hello-ng", "Provides: hello (= 2), greeter\nReplaces: hello\nConflicts: hello-old\n")
            ),
            "20260102000000",
            job: "hello"
        );

        Assert.Equal(PublishState.Published, outcome.State);
    }

    [Theory]
    [InlineData("apt")]
    [InlineData("libc6")]
    [InlineData("libc6-dev")]
    [InlineData("linux-image-amd64")]
    [InlineData("openssh-server")]
    [InlineData("sudo")]
    [InlineData("base-files")]
    public async Task A_name_of_the_operating_system_is_no_jobs_unless_the_operator_gives_it(string name)
    {
        using var test = await DebianTestRepository.CreateAsync();
        var deb = await RawDeb.WriteAsync(test["debs"], RawDeb.Make(name));

        var refused = await test.PublishAsync(deb, "20260101000000", job: name);
        await test.Repository.AssignAsync(name, null, name, Cancellation);

        Assert.Contains("protected name", refused.Message, StringComparison.Ordinal);
        Assert.Equal(PublishState.Published, (await test.PublishAsync(deb, "20260101000000", job: name)).State);
    }

    [Fact]
    public async Task The_operator_gives_a_name_to_another_job_and_takes_it_from_all()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "1"), "20260101000000", job: "hello");
        var second = await DebMaker.MakeAsync(test["debs"], content: "2");

        await test.Repository.AssignAsync("hello", null, "other", Cancellation);
        Assert.Equal(PublishState.Published, (await test.PublishAsync(second, "20260102000000", job: "other")).State);
        var back = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "3"), "20260103000000", job: "hello");
        Assert.Equal(PublishState.Refused, back.State);
        Assert.Equal(
            new NameOwner("hello", "*", "other", NameOrigin.Assigned),
            Assert.Single(await test.Repository.OwnersAsync(Cancellation))
        );

        await test.Repository.AssignAsync("hello", null, null, Cancellation);
        Assert.Empty(await test.Repository.OwnersAsync(Cancellation));
    }

    [Fact]
    public async Task The_settings_give_names_to_jobs_by_patterns()
    {
        using var test = await DebianTestRepository.CreateAsync(settings =>
            settings with
            {
                NameOwners = [new NameOwner("team-*", "*", "team", NameOrigin.Configured)],
            }
        );

        var other = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "team-tool"), "20260101000000", job: "stranger");
        var own = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "team-tool"), "20260101000000", job: "team");

        Assert.Contains("belongs to job team", other.Message, StringComparison.Ordinal);
        Assert.Equal(PublishState.Published, own.State);
    }

    [Fact]
    public async Task What_was_published_before_there_were_owners_belongs_to_the_jobs_that_it_came_from()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "1"), "20260101000000", "debian-12", job: "hello-12");
        File.Delete(Path.Combine(test.Settings.Directory, PackageNames.FileName));
        var withoutOwners = new Builder.Publishing.Debian.DebianRepository(
            test.Settings with
            {
                NamesBelongToJobs = false,
            },
            test.Key,
            TimeProvider.System
        );
        var other = DebMaker.Build(await DebMaker.MakeAsync(test["debs"], content: "2"), "20260101000000", "debian-13", "hello-13");
        Assert.Equal(PublishState.Published, Assert.Single(await withoutOwners.PublishAsync("debian-13", [other], Cancellation)).State);
        File.Delete(Path.Combine(test.Settings.Directory, PackageNames.FileName));

        var wrong = await test.PublishAsync(
            await DebMaker.MakeAsync(test["debs"], content: "3"),
            "20260102000000",
            "debian-12",
            job: "hello-13"
        );
        var right = await test.PublishAsync(
            await DebMaker.MakeAsync(test["debs"], content: "4"),
            "20260102000000",
            "debian-13",
            job: "hello-13"
        );
        var stranger = await test.PublishAsync(
            await DebMaker.MakeAsync(test["debs"], content: "5"),
            "20260102000000",
            "debian-14",
            job: "stranger"
        );

        Assert.Contains("belongs to job hello-12", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(PublishState.Published, right.State);
        Assert.Contains("belongs to job hello-12 or hello-13", stranger.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_from_the_future_is_never_published_and_one_that_was_does_not_hold_up_later_ones()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var deb = await DebMaker.MakeAsync(test["debs"], content: "future");
        var build = DebMaker.Build(deb, "20990101000000");

        var refused = Assert.Single(await test.Repository.PublishAsync("debian-12", [build], Cancellation));
        Assert.Equal(PublishState.Refused, refused.State);
        Assert.Contains("in the future", refused.Message, StringComparison.Ordinal);

        // Its time comes; it had none when it came.
        var later = new DebianTestRepositoryAt(test, "20990102000000");
        var still = Assert.Single(
            await later.Repository.PublishAsync("debian-12", [build with { Seen = TimeProvider.System.GetUtcNow() }], Cancellation)
        );
        Assert.Equal(PublishState.Refused, still.State);

        // Earlier versions of this program published such a build.
        Assert.Equal(PublishState.Published, Assert.Single(await later.Repository.PublishAsync("debian-12", [build], Cancellation)).State);
        var now = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "now"), "20260102000000");
        Assert.Equal(PublishState.Published, now.State);
    }

    [Fact]
    public async Task A_clock_that_is_a_minute_ahead_is_no_future()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var repository = new Builder.Publishing.Debian.DebianRepository(test.Settings, test.Key, clock);
        var deb = await DebMaker.MakeAsync(test["debs"]);

        Assert.Equal(
            PublishState.Refused,
            Assert.Single(await repository.PublishAsync("debian-12", [DebMaker.Build(deb, "20260101000600")], Cancellation)).State
        );
        Assert.Equal(
            PublishState.Published,
            Assert.Single(await repository.PublishAsync("debian-12", [DebMaker.Build(deb, "20260101000100")], Cancellation)).State
        );
    }

    [Fact]
    public async Task A_flipped_bit_in_the_file_of_owners_is_noticed()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000", job: "hello");
        var path = Path.Combine(test.Settings.Directory, PackageNames.FileName);
        var whole = await File.ReadAllBytesAsync(path, Cancellation);
        for (var i = 0; i < whole.Length; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i] ^= 1;
            await File.WriteAllBytesAsync(path, flipped, Cancellation);
            var exception = await Assert.ThrowsAsync<RepositoryException>(() => test.Repository.OwnersAsync(Cancellation));
            Assert.Contains($"{path} is damaged", exception.Message, StringComparison.Ordinal);
        }
    }

    private sealed class DebianTestRepositoryAt(DebianTestRepository test, string time)
    {
        public Builder.Publishing.Debian.DebianRepository Repository { get; } =
            new(test.Settings, test.Key, new FakeTimeProvider(DebMaker.Time(time).ToDateTimeOffset()));
    }
}
