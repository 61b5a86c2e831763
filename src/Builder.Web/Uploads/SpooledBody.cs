using System.Security.Cryptography;
using Builder.Storage.Files;

namespace Builder.Web.Uploads;

/// <summary>
/// A body whose length nobody said, on disk until it is known: the format of builds has lengths in front. The file is gone when it is closed; what a killed
/// process leaves goes with what else is found in the staging directory at the next start.
/// </summary>
internal static class SpooledBody
{
    /// <returns>At its beginning.</returns>
    /// <exception cref="BadHttpRequestException">It has more than <paramref name="largest"/> bytes.</exception>
    public static async Task<FileStream> ReadAsync(Stream body, DataDirectory data, long largest, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(data.Staging);
        var file = new FileStream(
            Path.Combine(data.Staging, $"body-{RandomNumberGenerator.GetHexString(16, lowercase: true)}"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
            }
        );
        try
        {
            await new LimitedBody(body, largest).CopyToAsync(file, 128 * 1024, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
