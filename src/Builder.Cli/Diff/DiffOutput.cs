using System.Text;
using Builder.Analysis.Difference;
using Builder.Analysis.Difference.Output;
using Builder.Cli.Files;
using Builder.Cli.Text;

namespace Builder.Cli.Diff;

/// <summary>Prints an answer, or writes it to a file that is there only when it is complete.</summary>
internal static class DiffOutput
{
    public static async Task WriteAsync(DiffOptions options, DifferenceResult result, CancellationToken cancellationToken)
    {
        if (options.Output is { } path)
        {
            await DurableOutput.WriteAsync(
                path,
                stream => WriteAsync(stream, options, result, options.Color == ColorChoice.Always, cancellationToken),
                cancellationToken
            );
            return;
        }
        await using var output = StandardOutput.Open(keepsColours: true);
        await WriteAsync(
            output,
            options,
            result,
            IsColoured(options.Color, Console.IsOutputRedirected, Environment.GetEnvironmentVariable),
            cancellationToken
        );
    }

    public static bool IsColoured(ColorChoice choice, bool isRedirected, Func<string, string?> environment) =>
        choice switch
        {
            ColorChoice.Always => true,
            ColorChoice.Never => false,
            _ => !isRedirected && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb",
        };

    private static async Task WriteAsync(
        Stream stream,
        DiffOptions options,
        DifferenceResult result,
        bool isColoured,
        CancellationToken cancellationToken
    )
    {
        if (options.Format == DiffFormat.Json)
        {
            await DifferenceJson.WriteAsync(stream, result, cancellationToken);
            await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
            return;
        }
        await using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\n",
        };
        if (options.Format == DiffFormat.Html)
            await DifferenceHtml.WriteAsync(text, result, cancellationToken);
        else if (result.IsSame && result.Left.Sha256 != result.Right.Sha256)
            await text.WriteAsync(
                $"same but for what --exclude leaves out ({string.Join(", ", options.Excluded.Select(CauseNames.NameOf))})\n".AsMemory(),
                cancellationToken
            );
        else
            await DifferenceText.WriteAsync(text, result, isColoured, cancellationToken);
    }
}
