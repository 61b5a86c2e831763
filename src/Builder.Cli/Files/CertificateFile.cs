using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Cli.Errors;

namespace Builder.Cli.Files;

/// <summary>Certificates in PEM files that options name.</summary>
internal static class CertificateFile
{
    /// <summary>The authorities in the file, one at least.</summary>
    /// <exception cref="CommandException">There is none, and to trust nobody is not what was meant.</exception>
    public static X509Certificate2Collection Authorities(FileInfo file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file.FullName);
        }
        catch (CryptographicException exception)
        {
            throw new CommandException($"{file.FullName} does not hold certificates in PEM form: {exception.Message}");
        }
        return authorities.Count > 0 ? authorities : throw new CommandException($"{file.FullName} holds no certificate in PEM form");
    }
}
