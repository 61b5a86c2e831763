namespace Builder.Publishing.Tests.Debian;

/// <summary>The real apt-get in a root of its own: its own sources, keys, lists and dpkg database; nothing of this machine is touched.</summary>
internal sealed class AptRoot
{
    private readonly string root;

    public AptRoot(string root, string uri, string distribution, string keyring)
    {
        this.root = root;
        foreach (
            var folder in (string[])
                [
                    "etc/apt/apt.conf.d",
                    "etc/apt/preferences.d",
                    "etc/apt/sources.list.d",
                    "etc/apt/trusted.gpg.d",
                    "var/lib/apt/lists/partial",
                    "var/cache/apt/archives/partial",
                    "var/lib/dpkg/info",
                    "var/lib/dpkg/updates",
                    "var/lib/dpkg/triggers",
                    "log",
                ]
        )
            Directory.CreateDirectory(Path.Combine(root, folder));
        File.WriteAllText(Path.Combine(root, "var/lib/dpkg/status"), "");
        File.WriteAllText(Path.Combine(root, "etc/apt/sources.list"), $"deb [signed-by={keyring}] {uri} {distribution} main\n");
        File.WriteAllText(
            Path.Combine(root, "apt.conf"),
            $$"""
            Dir "{{root}}/";
            Dir::Bin::Methods "/usr/lib/apt/methods";
            Dir::State::status "{{root}}/var/lib/dpkg/status";
            Dir::Etc::trustedparts "{{root}}/etc/apt/trusted.gpg.d/";
            Dir::Log "{{root}}/log";
            APT::Architecture "amd64";
            APT::Architectures "amd64";
            APT::Sandbox::User "";
            APT::Get::List-Cleanup "true";
            Acquire::Languages "none";
            Acquire::Retries "0";
            DPkg::Options { "--root={{root}}"; "--force-not-root"; "--force-bad-path"; "--log={{root}}/log/dpkg"; };
            DPkg::Path "/usr/sbin:/usr/bin:/sbin:/bin";
            Debug::NoLocking "true";
            """
        );
    }

    public Task<(int ExitCode, string Output)> GetAsync(params string[] arguments) =>
        Tools.RunAsync("apt-get", ["-q", "-y", "-o", "Acquire::AllowInsecureRepositories=false", .. arguments], environment: Environment);

    public async Task UpdateAsync()
    {
        var (exitCode, output) = await GetAsync("update", "-o", "APT::Update::Error-Mode=any");
        Assert.True(
            exitCode == 0 && !output.Contains("W:", StringComparison.Ordinal) && !output.Contains("Err:", StringComparison.Ordinal),
            output
        );
    }

    /// <summary>After an update.</summary>
    public async Task<(int ExitCode, string Output)> UpdatedAsync(params string[] arguments)
    {
        await UpdateAsync();
        return await GetAsync(arguments);
    }

    public async Task InstallAsync(params string[] packages)
    {
        var (exitCode, output) = await GetAsync(["install", "--no-install-recommends", .. packages]);
        Assert.True(exitCode == 0, output);
    }

    public async Task<string> InstalledVersionAsync(string package) =>
        (await Tools.SucceedAsync("dpkg-query", [$"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Version}", package])).Trim();

    public string Read(string path) => File.ReadAllText(Path.Combine(root, path));

    private Dictionary<string, string> Environment =>
        new() { ["APT_CONFIG"] = Path.Combine(root, "apt.conf"), ["DEBIAN_FRONTEND"] = "noninteractive" };
}
