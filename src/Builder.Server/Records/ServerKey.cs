using Builder.Proof.Keys;
using Builder.Server.Files;
using Builder.Server.Options;

namespace Builder.Server.Records;

/// <summary>
/// The key with which this server signs what it says of its builds. It is made at the first start and never leaves the server's directory; beside it
/// lies the public key, for the signer.
/// </summary>
internal static class ServerKey
{
    /// <exception cref="IOException">The file cannot be read or written, or holds no key.</exception>
    public static SigningKey Open(ServerDirectory directory)
    {
        var key = File.Exists(directory.RecordKey) ? Read(directory.RecordKey) : Create(directory.RecordKey);
        WritePublic(directory.RecordPublicKey, key.PublicKey.ToPem());
        return key;
    }

    /// <summary>A key that is kept elsewhere; its public key lies in the directory as well.</summary>
    /// <param name="place">For messages.</param>
    /// <exception cref="IOException">It is no key, or its public key cannot be written.</exception>
    public static SigningKey Take(ServerDirectory directory, string pem, string place)
    {
        var key = Parse(pem, place);
        WritePublic(directory.RecordPublicKey, key.PublicKey.ToPem());
        return key;
    }

    private static SigningKey Read(string path) => Parse(File.ReadAllText(path), path);

    private static SigningKey Parse(string pem, string path)
    {
        try
        {
            return SigningKey.FromPem(pem);
        }
        catch (InvalidKeyException exception)
        {
            throw new IOException(
                $"{path} is damaged ({exception.Message}): restore it from a backup, or remove it and have the signer trust the new key",
                exception
            );
        }
    }

    private static EcdsaSigningKey Create(string path)
    {
        var key = EcdsaSigningKey.Generate();
        var pem = key.ToPem();
        DurableFiles.Replace(path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(pem)));
        Array.Clear(pem);
        return key;
    }

    private static void WritePublic(string path, string pem)
    {
        if (File.Exists(path) && File.ReadAllText(path) == pem)
            return;
        DurableFiles.Replace(path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(pem)));
    }
}
