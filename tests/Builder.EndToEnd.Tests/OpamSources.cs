using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.EndToEnd.Tests;

/// <summary>
/// A small opam repository with its source archives, served on loopback: greet, which is reproducible, and clock, which is not, both depend
/// on greet-lib; uni is a unikernel that vendors it. The system's OCaml is the compiler.
/// </summary>
internal sealed class OpamSources : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> files = [];
    private readonly List<(string Path, string Text)> packages = [];
    private readonly WebApplication server;

    private OpamSources(WebApplication server) => this.server = server;

    public string Address => server.Urls.First();

    public static async Task<OpamSources> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        var sources = new OpamSources(server);
        server.MapGet(
            "/{name}",
            (string name) => sources.files.TryGetValue(name, out var bytes) ? Results.Bytes(bytes) : Results.NotFound()
        );
        await server.StartAsync(TestContext.Current.CancellationToken);
        sources.AddPackages();
        return sources;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private void AddPackages()
    {
        Add("ocaml-system.4.0", "flags: compiler\nbuild: [\"ocamlopt\" \"-version\"]");
        Add("ocaml.4.0", "depends: [\"ocaml-system\"]");
        var library = AddSource("greet-lib", ("greet_lib.ml", "let hello name = \"hello \" ^ name\n"));
        Add(
            "greet-lib.1.0",
            $$"""
            depends: ["ocaml"]
            build: ["ocamlopt" "-a" "-o" "greet_lib.cmxa" "greet_lib.ml"]
            install: [
              ["mkdir" "-p" "%{lib}%/greet-lib"]
              ["cp" "greet_lib.cmxa" "greet_lib.a" "greet_lib.cmi" "greet_lib.cmx" "%{lib}%/greet-lib"]
            ]
            {{library.Section}}
            """
        );
        var greet = AddSource("greet", ("greet.ml", "let () = print_endline (Greet_lib.hello \"world\")\n"));
        Add("greet.1.0", Program("greet", "greet.ml", "", greet.Section));
        var clock = AddSource("clock", ("clock.ml", "let () = print_endline (Greet_lib.hello Stamp.built)\n"));
        Add(
            "clock.1.0",
            Program(
                "clock",
                "stamp.ml\" \"clock.ml",
                """["sh" "-c" "date '+let built = \"built at %Y-%m-%dT%H:%M:%S.%N\"' > stamp.ml"]""",
                clock.Section
            )
        );
        var unikernel = AddSource(
            "uni",
            ("main.ml", "let () = print_endline (Greet_lib.hello Target.name)\n"),
            (
                "lock",
                $"opam-version: \"2.0\"\nx-opam-monorepo-duniverse-dirs: [[\"{library.Url}\" \"greet-lib\" [\"sha256={library.Hash}\"]]]\n"
            )
        );
        Add(
            "uni.1.0",
            $$"""
            depends: ["ocaml"]
            build: ["sh" "-exc" "ocamlopt -I duniverse/greet-lib duniverse/greet-lib/greet_lib.ml target.ml main.ml -o uni"]
            install: ["cp" "uni" "%{bin}%/uni"]
            x-mirage-configure: ["sh" "-exc" "echo 'let name = \"hvt\"' > target.ml"]
            x-mirage-pre-build: ["sh" "-exc" "cp lock uni.locked; mkdir -p duniverse/greet-lib; curl -fsS {{library.Url}} | tar -xz --strip-components=1 -C duniverse/greet-lib"]
            x-mirage-opam-lock-location: "uni.locked"
            {{unikernel.Section}}
            """
        );
        Add("broken.1.0", "depends: [\"ocaml\"]\nbuild: [\"sh\" \"-c\" \"exit 3\"]");
        files["repo"] = "opam-version: \"2.0\"\n"u8.ToArray();
        files["index.tar.gz"] = Tar([("repo", "opam-version: \"2.0\"\n"), .. packages]);
    }

    private static string Program(string name, string sources, string before, string source) =>
        $$"""
            depends: ["ocaml" "greet-lib" {= "1.0"}]
            build: [{{before}} ["ocamlopt" "-I" "%{lib}%/greet-lib" "greet_lib.cmxa" "{{sources}}" "-o" "{{name}}"]]
            install: ["cp" "{{name}}" "%{bin}%/{{name}}"]
            {{source}}
            """;

    private void Add(string package, string fields) =>
        packages.Add(($"packages/{package.Split('.')[0]}/{package}/opam", $"opam-version: \"2.0\"\nsynopsis: \"A test\"\n{fields}\n"));

    private (string Url, string Hash, string Section) AddSource(string name, params IReadOnlyList<(string Path, string Text)> content)
    {
        var archive = Tar([.. content.Select(file => ($"{name}/{file.Path}", file.Text))]);
        files[$"{name}.tar.gz"] = archive;
        var (url, hash) = ($"{Address}/{name}.tar.gz", Convert.ToHexStringLower(SHA256.HashData(archive)));
        return (url, hash, $"url {{ src: \"{url}\" checksum: \"sha256={hash}\" }}");
    }

    private static byte[] Tar(IReadOnlyList<(string Path, string Text)> content)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            foreach (var (path, text) in content)
            {
                using var data = new MemoryStream(Encoding.UTF8.GetBytes(text));
                tar.WriteEntry(
                    new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch }
                );
            }
        }
        return bytes.ToArray();
    }
}
