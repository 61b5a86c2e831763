using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Builder.Publishing.Archives;

namespace Builder.Publishing.Debian;

/// <summary>A .deb that a build left: what its control file says of it, and its checksums in lower-case hexadecimal.</summary>
/// <param name="Source">The source package's name.</param>
/// <param name="SourceVersion">The source package's version, which may be another than the package's.</param>
public sealed partial record BuiltPackage(
    string FileName,
    string Package,
    string Version,
    string Architecture,
    string Source,
    string SourceVersion,
    long Size,
    string Md5,
    string Sha1,
    string Sha256
)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Reads a package once; its bytes lie in a file of <paramref name="directory"/> meanwhile.</summary>
    /// <exception cref="PackageException">Not a Debian package that can be read; the message says why.</exception>
    public static async Task<BuiltPackage> ReadAsync(string fileName, Stream content, string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, $"deb-{Guid.NewGuid():N}");
        try
        {
            using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            await using (
                var file = new FileStream(
                    path,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        BufferSize = 0,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                        Options = FileOptions.Asynchronous,
                    }
                )
            )
            {
                var buffer = new byte[BufferSize];
                for (int count; (count = await content.ReadAsync(buffer, cancellationToken)) > 0; size += count)
                {
                    md5.AppendData(buffer, 0, count);
                    sha1.AppendData(buffer, 0, count);
                    sha256.AppendData(buffer, 0, count);
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }
            }
            using var package = await DebianPackage.OpenAsync(path, cancellationToken);
            var control = package.Control;
            var (source, sourceVersion) = SourceOf(control);
            return new BuiltPackage(
                fileName,
                control.Package,
                control.Version,
                control.Architecture,
                source,
                sourceVersion,
                size,
                Hex(md5),
                Hex(sha1),
                Hex(sha256)
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    // deb-control(5): the field is left out where both names are equal, the version where both versions are.
    private static (string Name, string Version) SourceOf(ControlFile control)
    {
        if (control.Value("Source")?.Trim() is not { Length: > 0 } text)
            return (control.Package, control.Version);
        var match = SourceField().Match(text);
        if (!match.Success)
            throw new PackageException($"its field Source \"{ControlFile.Short(text)}\" names no source package");
        return (match.Groups[1].Value, match.Groups[2].Success ? match.Groups[2].Value : control.Version);
    }

    private static string Hex(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());

    [GeneratedRegex(@"\A([a-z0-9][a-z0-9+.\-]+)(?:\s+\(([A-Za-z0-9.+~:\-]+)\))?\z")]
    private static partial Regex SourceField();
}
