using System.Net;
using System.Security.Cryptography;
using System.Text;
using Builder.Objects.Credentials;
using Builder.Objects.Transfer;
using Builder.Testing;

namespace Builder.Objects.Tests;

/// <summary>What this program relies on in an S3-compatible store, tried against a real one.</summary>
public sealed class CephTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly HttpClient http = new();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        directory.Dispose();
        http.Dispose();
    }

    [Fact]
    public async Task What_was_put_is_there_once_with_its_hash()
    {
        using var client = await Store.ClientAsync("some/prefix/");
        var content = "a first content"u8.ToArray();
        Assert.Null(await client.HeadAsync("a/b", CancellationToken));
        Assert.Null(await client.GetAsync("a/b", CancellationToken));

        Assert.Equal(PutOutcome.Stored, await client.PutBytesAsync("a/b", content, replaces: false, CancellationToken));
        Assert.Equal(PutOutcome.AlreadyThere, await client.PutBytesAsync("a/b", "another"u8.ToArray(), replaces: false, CancellationToken));

        var info = await client.HeadAsync("a/b", CancellationToken);
        Assert.Equal((content.Length, Hash(content)), (info!.Length, info.Sha256));
        Assert.Equal(content, await ReadAsync(client, "a/b"));

        Assert.Equal(PutOutcome.Stored, await client.PutBytesAsync("a/b", "another"u8.ToArray(), replaces: true, CancellationToken));
        Assert.Equal("another"u8.ToArray(), await ReadAsync(client, "a/b"));
    }

    [Fact]
    public async Task A_range_is_as_long_as_asked_for_and_one_behind_the_end_is_an_error()
    {
        using var client = await Store.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(100_000);
        await client.PutBytesAsync("one", content, replaces: false, CancellationToken);

        Assert.Equal(content[10..20], await ReadAsync(client, "one", 10, 10));
        Assert.Equal(content[99_990..], await ReadAsync(client, "one", 99_990));
        Assert.Equal(content[99_990..], await ReadAsync(client, "one", 99_990, 1000));
        await using (var download = await client.GetAsync("one", CancellationToken, 5, 7))
            Assert.Equal((7, 100_000), (download!.Length, download.Info.Length));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.GetAsync("one", CancellationToken, 100_000));
    }

    [Fact]
    public async Task An_empty_object_and_an_empty_file_can_be_put_and_read()
    {
        using var client = await Store.ClientAsync();
        await client.PutBytesAsync("bytes", ReadOnlyMemory<byte>.Empty, replaces: false, CancellationToken);
        await PutFileAsync(client, "file", []);
        Assert.Empty(await ReadAsync(client, "bytes"));
        Assert.Empty(await ReadAsync(client, "file"));
    }

    [Fact]
    public async Task The_store_refuses_bytes_with_another_hash_than_announced()
    {
        using var client = await Store.ClientAsync();
        await File.WriteAllTextAsync(directory["file"], "these bytes", CancellationToken);
        var refusal = await Assert.ThrowsAsync<ObjectStoreException>(() =>
            client.PutFileAsync("one", directory["file"], Hash("other bytes"u8.ToArray()), replaces: false, CancellationToken)
        );
        Assert.Equal(ObjectStoreFault.Damaged, refusal.Fault);
        Assert.Null(await client.HeadAsync("one", CancellationToken));
    }

    [Theory]
    [InlineData(5 << 20)]
    [InlineData((5 << 20) + 1)]
    [InlineData(23_000_000)]
    public async Task A_large_file_goes_in_parts_and_comes_back_as_it_was(int length)
    {
        using var client = await Store.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(length);
        Assert.Equal(PutOutcome.Stored, await PutFileAsync(client, "large", content));
        Assert.Equal(PutOutcome.AlreadyThere, await PutFileAsync(client, "large", content));

        var info = await client.HeadAsync("large", CancellationToken);
        Assert.Equal((length, Hash(content)), (info!.Length, info.Sha256));
        Assert.Equal(Hash(content), Hash(await ReadAsync(client, "large")));
        Assert.Equal(content[5_000_000..5_100_000], await ReadAsync(client, "large", 5_000_000, 100_000));
    }

    [Fact]
    public async Task Pages_of_a_list_are_followed_in_the_order_of_keys()
    {
        using var client = await Store.ClientAsync("p/");
        var names = Enumerable.Range(0, 23).Select(static number => $"list/{number:00}").ToList();
        foreach (var name in names)
            await client.PutBytesAsync(name, Encoding.UTF8.GetBytes(name), replaces: false, CancellationToken);
        await client.PutBytesAsync("other", "x"u8.ToArray(), replaces: false, CancellationToken);

        Assert.Equal(names, await ListAsync(client, "list/", pageSize: 5));
        Assert.Equal(names[8..], await ListAsync(client, "list/", "list/07", 4));
        Assert.Equal(24, (await ListAsync(client, "")).Count);
        Assert.Empty(await ListAsync(client, "nothing"));
        await foreach (var one in client.ListAsync("list/00", CancellationToken))
        {
            Assert.Equal(7, one.Length);
            Assert.InRange(one.LastModified, TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space+plus%25 and ünïcödé")]
    [InlineData("../dots/./and//slashes")]
    [InlineData("!'()*,;:@&=$?#[]{}|\\^`\"<>~")]
    public async Task A_key_of_any_characters_is_found_again(string key)
    {
        using var client = await Store.ClientAsync("k/");
        await client.PutBytesAsync(key, "content"u8.ToArray(), replaces: false, CancellationToken);
        Assert.Equal("content"u8.ToArray(), await ReadAsync(client, key));
        Assert.Equal([key], await ListAsync(client, ""));
        Assert.True(await client.CopyAsync(key, "copy of " + key, CancellationToken));
        await client.DeleteAsync(key, CancellationToken);
        Assert.Equal(["copy of " + key], await ListAsync(client, ""));
        Assert.Equal("content", await http.GetStringAsync(client.Presign("copy of " + key, TimeSpan.FromMinutes(1)), CancellationToken));
    }

    [Fact]
    public async Task Copying_what_is_not_there_is_no_error_and_neither_is_deleting_it()
    {
        using var client = await Store.ClientAsync();
        Assert.False(await client.CopyAsync("nothing", "elsewhere", CancellationToken));
        await client.DeleteAsync("nothing", CancellationToken);
        await client.DeleteAsync("nothing", CancellationToken);
    }

    [Fact]
    public async Task A_presigned_address_gives_the_object_with_the_headers_it_names_until_it_is_changed()
    {
        using var client = await Store.ClientAsync();
        await client.PutBytesAsync("one", "content"u8.ToArray(), replaces: false, CancellationToken);
        var address = client.Presign("one", TimeSpan.FromMinutes(1), "application/x-thing", "attachment; filename=\"a b.hvt\"");

        using var answer = await http.GetAsync(address, CancellationToken);
        Assert.Equal("content", await answer.Content.ReadAsStringAsync(CancellationToken));
        Assert.Equal("application/x-thing", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("a b.hvt", answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));

        var changed = new Uri(address.AbsoluteUri.Replace("X-Amz-Expires=60", "X-Amz-Expires=6000", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync(changed, CancellationToken)).StatusCode);
        var other = new Uri(address.AbsoluteUri.Replace("/one?", "/two?", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync(other, CancellationToken)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await http.GetAsync(new Uri(address.GetLeftPart(UriPartial.Path)), CancellationToken)).StatusCode
        );
    }

    [Fact]
    public async Task Each_refusal_has_a_fault_of_its_own_and_no_secret_in_its_message()
    {
        var server = await Store.ServerAsync();
        var address = Store.Parse(await server.CreateBucketAsync(CancellationToken));

        await RefusedAsync(ObjectStoreFault.NoSuchBucket, Store.Client(address with { Bucket = "not-there" }, server.Key));
        await RefusedAsync(ObjectStoreFault.KeyRefused, Store.Client(address, server.Key with { Secret = "wrong secret" }));
        await RefusedAsync(ObjectStoreFault.KeyRefused, Store.Client(address, server.Key with { Id = "UNKNOWN" }));
        await RefusedAsync(
            ObjectStoreFault.ClockSkew,
            new ObjectClient(address, new Store.FixedKey(server.Key), new ShiftedClock(TimeSpan.FromHours(1)), Store.Hurried)
        );
        await RefusedAsync(
            ObjectStoreFault.Unreachable,
            Store.Client(address with { Endpoint = new Uri("http://127.0.0.1:1") }, server.Key)
        );
        await RefusedAsync(
            ObjectStoreFault.NoKey,
            new ObjectClient(address, new ConfiguredAccessKeys(static _ => null), TimeProvider.System)
        );
    }

    [Fact]
    public async Task A_refused_key_is_told_from_a_broken_connection_also_in_the_middle_of_a_large_body()
    {
        var server = await Store.ServerAsync();
        var address = Store.Parse(await server.CreateBucketAsync(CancellationToken));
        using var client = Store.Client(address, server.Key with { Secret = "wrong secret" }, new ObjectClientOptions());
        var refusal = await Assert.ThrowsAsync<ObjectStoreException>(() => PutFileAsync(client, "one", new byte[10_000_000]));
        Assert.Equal(ObjectStoreFault.KeyRefused, refusal.Fault);
    }

    [Fact]
    public async Task The_signer_signs_what_curl_signs()
    {
        Requirement.Programs("curl");
        var server = await Store.ServerAsync();
        using var client = await Store.ClientAsync();
        await client.PutBytesAsync("one", "content"u8.ToArray(), replaces: false, CancellationToken);
        // The store has no opinion on who is right: both are let in.
        Assert.Equal("content"u8.ToArray(), await ReadAsync(client, "one"));
        var uri = $"{server.Endpoint}{client.Address.Bucket}/one";
        using var curl = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(
                "curl",
                [
                    "-s",
                    "--fail",
                    "--aws-sigv4",
                    "aws:amz:us-east-1:s3",
                    "--user",
                    $"{server.Key.Id}:{server.Key.Secret}",
                    "-H",
                    $"x-amz-content-sha256: {Hash([])}",
                    uri,
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal("content", await curl.StandardOutput.ReadToEndAsync(CancellationToken));
    }

    private static async Task RefusedAsync(ObjectStoreFault fault, ObjectClient client)
    {
        using (client)
        {
            var listing = await Assert.ThrowsAsync<ObjectStoreException>(() => client.CheckAsync(CancellationToken));
            Assert.Equal(fault, listing.Fault);
            Assert.DoesNotContain("secret\"", listing.Message, StringComparison.Ordinal);
            var reading = await Assert.ThrowsAsync<ObjectStoreException>(() => client.GetAsync("one", CancellationToken));
            Assert.Equal(fault, reading.Fault);
            var writing = await Assert.ThrowsAsync<ObjectStoreException>(() =>
                client.PutBytesAsync("one", "x"u8.ToArray(), replaces: false, CancellationToken)
            );
            Assert.Equal(fault, writing.Fault);
        }
    }

    private async Task<PutOutcome> PutFileAsync(ObjectClient client, string key, byte[] content)
    {
        await File.WriteAllBytesAsync(directory["file"], content, CancellationToken);
        return await client.PutFileAsync(key, directory["file"], Hash(content), replaces: false, CancellationToken);
    }

    private static async Task<byte[]> ReadAsync(ObjectClient client, string key, long from = 0, long? length = null)
    {
        await using var download = await client.GetAsync(key, CancellationToken, from, length);
        var content = new MemoryStream();
        await download!.Content.CopyToAsync(content, CancellationToken);
        return content.ToArray();
    }

    private static async Task<List<string>> ListAsync(ObjectClient client, string prefix, string? after = null, int pageSize = 1000)
    {
        var keys = new List<string>();
        await foreach (var one in client.ListAsync(prefix, CancellationToken, after, pageSize))
            keys.Add(one.Key);
        return keys;
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
