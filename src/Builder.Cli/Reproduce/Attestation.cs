using System.Globalization;
using System.Net.Http.Headers;
using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Builder.Cli.Secrets;
using Builder.Proof.Keys;
using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Protocol.Values;

namespace Builder.Cli.Reproduce;

/// <summary>Tells a site what somebody got who built one of its builds again, signed.</summary>
internal static class Attestation
{
    private const int MaxAnswer = 4000;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(60);

    /// <exception cref="CommandException">It is no private key.</exception>
    public static SigningKey ReadKey(string path)
    {
        try
        {
            return SigningKey.FromPem(SecretFile.ReadText("--key", path, Warning.Show));
        }
        catch (InvalidKeyException exception)
        {
            throw new CommandException($"--key {path}: {exception.Message}", ExitCode.Trouble);
        }
    }

    /// <returns>One line for the user.</returns>
    /// <exception cref="CommandException">The site did not take it.</exception>
    public static async Task<string> SendAsync(Reproduction reproduction, SiteUrl url, SigningKey key, CancellationToken cancellationToken)
    {
        if (reproduction.Outcome is not (ReproductionOutcome.Reproduced or ReproductionOutcome.Differs))
            return "not attested: there is no result that means anything to others";
        if (reproduction.Files.MainBinary is not { } main)
            return "not attested: the build left no main binary";
        var recorded = reproduction.Recorded;
        var page = new Uri(url.Address, $"/job/{Uri.EscapeDataString(recorded.Job)}/build/{recorded.Uuid}");
        var lines = RebuildStatement.Sign(
            new RebuildResult
            {
                Build = page,
                External = new ExternalParameters(recorded.Job, recorded.Platform, Sha256Digest.Of(recorded.Script.Span)),
                Artifacts = [.. reproduction.Files.Digests.Select(static file => ResourceDescriptor.Of(file.Key.ToString(), file.Value))],
                MainBinary = main.ToString(),
                Isolation = reproduction.Build.Tier.Name,
                Varied =
                    reproduction.Build.Variations.Made == Variations.None ? null : VariationNames.Write(reproduction.Build.Variations.Made),
                Difference = reproduction.Outcome == ReproductionOutcome.Differs ? await CauseAsync(reproduction, cancellationToken) : null,
                InvocationId = Guid.NewGuid().ToString(),
                Started = reproduction.Build.Started,
                Finished = reproduction.Build.Finished,
                Inputs = [.. recorded.Inputs.Select(static input => ResourceDescriptor.Of(input.Key, Sha256Digest.Of(input.Value.Span)))],
            },
            key
        );
        await PostAsync(new Uri($"{page}/attestations"), lines, cancellationToken);
        return $"attested with key {key.Id}";
    }

    private static async Task<string?> CauseAsync(Reproduction reproduction, CancellationToken cancellationToken)
    {
        var causes = (await reproduction.ExplainAsync(cancellationToken)).Causes;
        return causes.Count == 0 ? null : $"{CauseNames.NameOf(causes[0].Kind)} in {causes[0].Path}";
    }

    private static async Task PostAsync(Uri address, byte[] lines, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = MaxTime };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("builder-reproduce", null));
        using var content = new ByteArrayContent(lines);
        content.Headers.ContentType = new MediaTypeHeaderValue(RebuildStatement.MediaType);
        try
        {
            using var answer = await http.PostAsync(address, content, cancellationToken);
            if (answer.IsSuccessStatusCode)
                return;
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
            var text = new char[MaxAnswer];
            var length = await reader.ReadBlockAsync(text, cancellationToken);
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the site did not take the statement ({(int)answer.StatusCode}): {new string(text, 0, length).Trim()}"
                ),
                ExitCode.Trouble
            );
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"cannot send the statement to {address}: {exception.Message}", ExitCode.Trouble);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(
                $"cannot send the statement to {address}: no answer within {MaxTime.TotalSeconds:0} s",
                ExitCode.Trouble
            );
        }
    }
}
