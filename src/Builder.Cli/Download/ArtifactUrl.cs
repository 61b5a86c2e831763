using System.CommandLine;
using Builder.Cli.Diff;
using Builder.Cli.Text;

namespace Builder.Cli.Download;

/// <summary>An address of one file on a site: <c>/job/JOB/build/UUID/f/PATH</c>, below whatever prefix, or what redirects to such a file.</summary>
internal sealed record ArtifactUrl(SiteUrl Url)
{
    public static Argument<ArtifactUrl> Argument() =>
        new("URL")
        {
            Description = "An artifact: https://SITE/job/JOB/build/UUID/f/PATH. \"latest\" in place of the UUID is the latest build.",
            CustomParser = static result =>
            {
                var text = result.Tokens[0].Value;
                if (SiteUrl.TryParse(text, out var url) && !url.IsBuild && url.FileName.Length > 0)
                    return new ArtifactUrl(url);
                result.AddError($"\"{Printable.Of(text)}\" is not the URL of an artifact; give https://SITE/job/JOB/build/UUID/f/PATH");
                return null;
            },
        };

    /// <summary>The last part of the path, decoded; null where no file can have this name.</summary>
    public string? FileName =>
        Url.FileName is var name && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0 ? name : null;
}
