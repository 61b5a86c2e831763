using Builder.Objects.Credentials;
using Builder.Testing;

namespace Builder.Objects.Tests;

public sealed class ConfiguredAccessKeysTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly Dictionary<string, string> environment = [];

    public void Dispose() => directory.Dispose();

    [Fact]
    public void The_environment_comes_first()
    {
        WriteFile("[default]\naws_access_key_id = F\naws_secret_access_key = S\n");
        environment["AWS_ACCESS_KEY_ID"] = "E";
        Assert.Contains("AWS_SECRET_ACCESS_KEY is not", Missing(), StringComparison.Ordinal);
        environment["AWS_SECRET_ACCESS_KEY"] = "T";
        Assert.Equal(new AccessKey("E", "T"), Keys().Current());
        environment["AWS_SESSION_TOKEN"] = "U";
        Assert.Equal(new AccessKey("E", "T", "U"), Keys().Current());
    }

    [Fact]
    public void A_profile_of_the_file_counts_and_a_changed_file_is_read_again()
    {
        WriteFile(
            "# comment\n[default]\naws_access_key_id=A\naws_secret_access_key=B=C\n\n[other]\naws_access_key_id = D\naws_secret_access_key = E\naws_session_token = F\n"
        );
        var keys = Keys();
        Assert.Equal(new AccessKey("A", "B=C"), keys.Current());
        WriteFile(
            "[default]\naws_access_key_id=NEW\naws_secret_access_key=NEWER\n[other]\naws_access_key_id=D\naws_secret_access_key=E\naws_session_token=F"
        );
        Assert.Equal(new AccessKey("NEW", "NEWER"), keys.Current());
        environment["AWS_PROFILE"] = "other";
        Assert.Equal(new AccessKey("D", "E", "F"), Keys().Current());
        environment["AWS_PROFILE"] = "third";
        Assert.Contains("[third]", Missing(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_the_message_says_where_to_put_them()
    {
        environment["HOME"] = directory.Path;
        Assert.Contains(".aws/credentials", Missing(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new AccessKey("id", "secret").ToString(), StringComparison.Ordinal);
    }

    private ConfiguredAccessKeys Keys() => new(environment.GetValueOrDefault);

    private string Missing() => Assert.Throws<AccessKeyMissingException>(() => Keys().Current()).Message;

    private void WriteFile(string text)
    {
        environment["AWS_SHARED_CREDENTIALS_FILE"] = directory["credentials"];
        File.WriteAllText(directory["credentials"], text);
    }
}
