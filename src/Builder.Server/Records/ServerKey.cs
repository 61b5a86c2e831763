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

    private static SigningKey Read(string path)
    {
        try
        {
            return SigningKey.FromPem(File.ReadAllText(path));
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
