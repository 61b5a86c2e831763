namespace Builder.Publishing.TransparencyLog;

/// <summary>Bodies of strangers, up to a length.</summary>
public static class BoundedBody
{
    /// <exception cref="HttpRequestException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(Stream body, int maxLength, string what, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (content.Length + count > maxLength)
                throw new HttpRequestException($"{what}: the answer has more than {maxLength} bytes");
            content.Write(buffer, 0, count);
        }
        return content.ToArray();
    }
}
