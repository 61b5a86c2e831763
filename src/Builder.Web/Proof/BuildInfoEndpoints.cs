using System.Text.RegularExpressions;
using Builder.Analysis.Comparison;
using Builder.Publishing.Archives;
using Builder.Publishing.Debian;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Proof;

/// <summary>What Debian's tools read about a build of .deb files: deb-buildinfo(5).</summary>
internal static partial class BuildInfoEndpoints
{
    public const string Name = "buildinfo";

    /// <summary>The artifact that names the installed packages.</summary>
    public const string Installed = "system-packages";

    /// <summary>A source package has dozens at most.</summary>
    private const int MaxPackages = 200;

    private const int MaxList = 16 << 20;

    public static void MapBuildInfo(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{Name}",
            Verbs.Read,
            static (HttpContext http, string job, string build, PageResponder pages, IArtifactStore store, DataDirectory directory) =>
                pages.RespondAsync(http, page => AnswerAsync(page, job, build, store, directory), isExpensive: true, job: job)
        );

    /// <summary>Whether a build left what such a file is about.</summary>
    public static bool IsPackage(ArtifactFacts artifact) => PackageName().IsMatch(NameOf(artifact));

    private static async Task<Answer?> AnswerAsync(PageContext page, string job, string uuid, IArtifactStore store, DataDirectory directory)
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        var artifacts = await BuildQueries.ArtifactsAsync(page.Session, build.Id, page.Stop);
        var packages = artifacts.Where(IsPackage).ToList();
        if (packages.Count is 0 or > MaxPackages)
            return await NoneAsync(
                page,
                packages.Count == 0 ? "the build left no .deb file" : $"the build left more than {MaxPackages} .deb files"
            );
        if (RecordedLists.SystemPackages(await ReadAsync(Installed)) is not { Count: > 0 } installed)
            return await NoneAsync(page, "the build did not record which packages were installed (system-packages)");
        if (BuildInfoFile.NoPackageOfDebian(installed) is { } other)
            return await NoneAsync(page, $"system-packages of the build names \"{other.Name}\", which is no package of Debian");
        Directory.CreateDirectory(directory.Staging);
        var built = new List<BuiltPackage>();
        foreach (var artifact in packages)
        {
            await using var stored = await store.OpenAsync(artifact.Hash, page.Stop);
            if (stored is null)
                return await NoneAsync(page, $"the file {artifact.Path} is missing in the store");
            try
            {
                built.Add(await BuiltPackage.ReadAsync(NameOf(artifact), stored.Stream, directory.Staging, page.Stop));
            }
            catch (PackageException exception)
            {
                return await NoneAsync(page, $"{artifact.Path} cannot be read as a Debian package: {exception.Message}");
            }
        }
        var file = new BuildInfoFile(
            built,
            build.Finished.ToDateTimeOffset(),
            installed,
            RecordedLists.Environment(await ReadAsync("build-environment")) ?? []
        );
        return Answer.Document(file.ToBytes(), "text/plain; charset=utf-8").WithFileName(file.FileName);

        async Task<byte[]> ReadAsync(string name)
        {
            if (artifacts.FirstOrDefault(artifact => artifact.Path.ToString() == name) is not { Size: <= MaxList } list)
                return [];
            await using var stored = await store.OpenAsync(list.Hash, page.Stop);
            if (stored is null)
                return [];
            var bytes = new byte[list.Size];
            await stored.Stream.ReadExactlyAsync(bytes, page.Stop);
            return bytes;
        }
    }

    private static ValueTask<Answer> NoneAsync(PageContext page, string why) =>
        Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status404NotFound,
            "No .buildinfo file",
            $"There is no .buildinfo file: {why}."
        );

    private static string NameOf(ArtifactFacts artifact) => artifact.Path.ToString().Split('/')[^1];

    // What may stand in a line of the file without a doubt where it ends.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+~_%:\-]*\.deb\z")]
    private static partial Regex PackageName();
}
