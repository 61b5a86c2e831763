namespace Builder.Publishing.Tests.FreeBsd;

/// <summary>Packages laid out as pkg-create(8) lays them out: both manifests first, then the files under absolute names.</summary>
internal static class PkgMaker
{
    public const string Content = "#!/bin/sh\necho hello\n";

    public static string Manifest(string name = "hello", string version = "1.2.3", string abi = "FreeBSD:14:amd64", string files = "") =>
        $$"""
            {"name":"{{name}}","origin":"misc/{{name}}","version":"{{version}}","comment":"a greeting","maintainer":"tests@example.org","www":"https://example.org/",
            "abi":"{{abi}}","arch":"freebsd:14:x86:64","prefix":"/usr/local","flatsize":21,"desc":"It says\nhello.","categories":["misc"],
            "deps":{"indexinfo":{"origin":"print/indexinfo","version":"0.3.1"} },"licenses":["BSD2CLAUSE"]{{files}} }
            """.ReplaceLineEndings("");

    public static async Task<string> MakeAsync(
        string directory,
        string? compact = null,
        string? full = null,
        string packer = "zstd",
        string path = "/usr/local/bin/hello"
    )
    {
        var folder = Path.Combine(directory, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "+COMPACT_MANIFEST"), compact ?? Manifest());
        await File.WriteAllTextAsync(
            Path.Combine(folder, "+MANIFEST"),
            full
                ?? Manifest(
                    files: ""","files":{"/usr/local/bin/hello":"1$5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"},"scripts":{"post-install":"true"}"""
                )
        );
        await File.WriteAllTextAsync(Path.Combine(folder, "hello"), Content);
        await Tools.SucceedAsync(
            "sh",
            [
                "-c",
                $"tar -cPf - --owner=root:0 --group=wheel:0 --mtime=@1763769600 --transform='s,^hello$,{path},' +COMPACT_MANIFEST +MANIFEST hello | {packer} > made.pkg",
            ],
            folder
        );
        return Path.Combine(folder, "made.pkg");
    }
}
