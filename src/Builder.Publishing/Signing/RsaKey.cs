using System.Security.Cryptography;
using Builder.Publishing.Files;

namespace Builder.Publishing.Signing;

/// <summary>The RSA key of a FreeBSD repository: a PEM file (mode 0600).</summary>
public sealed class RsaKey(string path) : ISigner
{
    private const int Bits = 4096;

    /// <exception cref="RepositoryException">The file exists or cannot be written.</exception>
    public static RsaKey Create(string path)
    {
        using var rsa = RSA.Create(Bits);
        Write(path, rsa.ExportPkcs8PrivateKeyPem());
        return new RsaKey(path);
    }

    public static RsaKey Import(string path, string keyFile)
    {
        using var rsa = Load(keyFile);
        Write(path, rsa.ExportPkcs8PrivateKeyPem());
        return new RsaKey(path);
    }

    /// <summary>As pkg reads it: SubjectPublicKeyInfo in PEM.</summary>
    public string ExportPublic()
    {
        using var rsa = Load(path);
        return $"{rsa.ExportSubjectPublicKeyInfoPem()}\n";
    }

    public Task<byte[]> SignAsync(SignatureKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (kind != SignatureKind.Rsa)
            throw new RepositoryException($"an RSA key cannot make a signature of kind {kind}");
        using var rsa = Load(path);
        return Task.FromResult(rsa.SignData(content.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static RSA Load(string path)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(File.ReadAllText(path));
            return rsa;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            throw new RepositoryException($"cannot read the RSA key {path}: {exception.Message}", exception);
        }
    }

    private static void Write(string path, string pem)
    {
        try
        {
            using var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{pem}\n"));
        }
        catch (IOException exception)
        {
            throw new RepositoryException($"cannot write the key {path}: {exception.Message}", exception);
        }
    }
}
