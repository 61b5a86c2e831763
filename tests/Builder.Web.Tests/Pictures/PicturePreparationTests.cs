using System.Net;
using Builder.Protocol.Values;
using Builder.Web.Pictures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Builder.Web.Tests.Pictures;

public sealed class PicturePreparationTests
{
    private const string Hello = "4e467a04-af65-4b95-9a98-d426445e1feb";
    private const string Debug = "68c7b184c780927484d6c22b9d6548ea38fe6d7a7456b78ec08d6f78bb438e3a";
    private const string Switch = "1df9f05a0a3a12cafd5893ce2e48a00c890c6b7b59fa4813d681d6afe2b4e9f1";

    [Fact]
    public async Task After_an_upload_its_pictures_are_drawn_before_anybody_asks()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var preparation = site.Web.Services.GetRequiredService<PicturePreparation>();
        await preparation.WhenIdleAsync();
        using var answer = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("hello-d1"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        await preparation.WhenIdleAsync();
        foreach (
            var (picture, cached) in new[]
            {
                ("viztreemap", $"treemap_102/{Debug}.html"),
                ("vizdependencies", $"dependencies_103/{Switch}.html"),
            }
        )
        {
            var drawn = await File.ReadAllTextAsync(
                Path.Combine(site.DataDirectory, "_cache", cached),
                TestContext.Current.CancellationToken
            );
            Assert.Contains("<svg", drawn, StringComparison.Ordinal);
            Assert.Equal(
                drawn,
                await site.Http.GetStringAsync($"{answer.Headers.Location}/{picture}", TestContext.Current.CancellationToken)
            );
        }
    }

    [Fact]
    public async Task After_a_start_the_latest_builds_get_what_they_miss()
    {
        await using var site = await Site.FilledAsync();
        await site.Web.Services.GetRequiredService<PicturePreparation>().WhenIdleAsync();
        Assert.True(File.Exists(Path.Combine(site.DataDirectory, "_cache", "treemap_102", $"{Debug}.html")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(site.DataDirectory, "_cache", "dependencies_103")));
    }

    [Fact]
    public async Task Builds_that_share_symbols_each_have_a_picture_of_their_own_binary()
    {
        await using var site = await Site.FilledAsync();
        await site.Web.Services.GetRequiredService<PicturePreparation>().WhenIdleAsync();
        foreach (
            var (build, title) in new[]
            {
                ($"/job/hello/build/{Hello}", "hello.hvt"),
                ("/job/dns-primary/build/e7538a79-2df9-4ab2-8012-88c99646593a", "primary.hvt"),
            }
        )
        {
            var drawn = await site.Http.GetStringAsync(build + "/viztreemap", TestContext.Current.CancellationToken);
            Assert.Contains($"<title>{title}</title>", drawn, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public async Task An_older_drawing_serves_until_the_new_one_is_there(int version)
    {
        await using var site = await Site.FilledAsync();
        var preparation = site.Web.Services.GetRequiredService<PicturePreparation>();
        await preparation.WhenIdleAsync();
        var current = Path.Combine(site.DataDirectory, "_cache", "treemap_102", $"{Debug}.html");
        File.Delete(current);
        foreach (var other in Directory.GetFiles(Path.Combine(site.DataDirectory, "_cache"), $"{Debug}.html", SearchOption.AllDirectories))
            File.Delete(other);
        var older = Directory.CreateDirectory(Path.Combine(site.DataDirectory, "_cache", $"treemap_{version}")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(older, $"{Debug}.html"),
            "<p>as it was drawn once",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(
            "<p>as it was drawn once",
            await site.Http.GetStringAsync($"/job/hello/build/{Hello}/viztreemap", TestContext.Current.CancellationToken)
        );
        await preparation.WhenIdleAsync();
        var drawn = await File.ReadAllTextAsync(current, TestContext.Current.CancellationToken);
        Assert.Contains("<svg", drawn, StringComparison.Ordinal);
        Assert.Equal(drawn, await site.Http.GetStringAsync($"/job/hello/build/{Hello}/viztreemap", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_cannot_be_drawn_is_logged_by_name_and_the_rest_goes_on()
    {
        var log = new LogRecorder();
        await using var site = await Site.FilledAsync(logging: builder => builder.AddProvider(log));
        var preparation = site.Web.Services.GetRequiredService<PicturePreparation>();
        await preparation.WhenIdleAsync();
        Directory.Delete(Path.Combine(site.DataDirectory, "_cache"), recursive: true);
        await File.WriteAllTextAsync(
            Path.Combine(site.DataDirectory, "_artifacts", Debug[..2], Debug),
            "no ELF",
            TestContext.Current.CancellationToken
        );
        // A folder that cannot be made: the drawing itself fails.
        await File.WriteAllTextAsync(Path.Combine(site.DataDirectory, "_cache"), "", TestContext.Current.CancellationToken);
        preparation.Enqueue(BuildUuid.Parse(Hello));
        await preparation.WhenIdleAsync();
        Assert.Contains(
            log.Lines,
            line => line.StartsWith("Information: No treemap of hello " + Hello + " from hello.hvt.debug: ", StringComparison.Ordinal)
        );
        Assert.Contains(log.Lines, line => line.StartsWith("Error: Pictures of build " + Hello, StringComparison.Ordinal));

        File.Delete(Path.Combine(site.DataDirectory, "_cache"));
        preparation.Enqueue(BuildUuid.Parse(Hello));
        await preparation.WhenIdleAsync();
        Assert.True(File.Exists(Path.Combine(site.DataDirectory, "_cache", "dependencies_103", $"{Switch}.html")));
    }
}
